/** Schedules on every clock: zones that shift, clocks that jump, sites that were down. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './errors.ts';
import { checkRule, decideDue, type MissedPolicy, MOST_MISSED_COUNTED, nextSlot, nextSlots, ON_TIME_MS, type ScheduleRule } from './schedule-rule.ts';

const at = (iso: string): number => Date.parse(iso);
const isoOf = (slots: readonly number[]): string[] => slots.map((ms) => new Date(ms).toISOString().slice(0, 16));
const MINUTE = 60_000;
const DAY = 86_400_000;

describe('slots of a zone whose clock shifts', () => {
  it.each([
    ['a daily time that spring skips comes behind the gap, once', '30 2 * * *', 'Europe/Berlin', '2027-03-27T00:00Z', ['2027-03-27T01:30', '2027-03-28T01:30', '2027-03-29T00:30']],
    ['asked from within the shifted hour, it is still there', '30 2 * * *', 'Europe/Berlin', '2027-03-28T01:10Z', ['2027-03-28T01:30', '2027-03-29T00:30']],
    ['a daily time that autumn has twice comes the first time only', '30 2 * * *', 'Europe/Berlin', '2027-10-30T12:00Z', ['2027-10-31T00:30', '2027-11-01T01:30']],
    ['asked from between the two, it is over', '30 2 * * *', 'Europe/Berlin', '2027-10-31T00:45Z', ['2027-11-01T01:30']],
    ['half hours go on in real time in spring', '*/30 * * * *', 'Europe/Berlin', '2027-03-28T00:29Z', ['2027-03-28T00:30', '2027-03-28T01:00', '2027-03-28T01:30', '2027-03-28T02:00']],
    ['half hours go on in real time in autumn', '*/30 * * * *', 'Europe/Berlin', '2027-10-31T00:29Z', ['2027-10-31T00:30', '2027-10-31T01:00', '2027-10-31T01:30', '2027-10-31T02:00']],
    ['a zone that skips midnight', '0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00Z', ['2018-11-04T03:00', '2018-11-05T02:00']],
    ['a zone that shifts by half an hour', '45 1 * * *', 'Australia/Lord_Howe', '2027-04-03T00:00Z', ['2027-04-03T14:45', '2027-04-04T15:15']],
    ['a day that only some years have', '0 0 29 2 *', 'UTC', '2026-11-24T00:00Z', ['2028-02-29T00:00']],
  ])('%s', (_, cron, timeZone, from, slots) => {
    expect(isoOf(nextSlots({ cron, timeZone }, at(from), slots.length))).toEqual(slots);
  });
});

describe('rules that are none', () => {
  it.each([
    ['0 25 * * *', 'UTC', /cron: "0 25 \* \* \*" is not a cron expression/],
    ['1 2 3 4', 'UTC', /cron: "1 2 3 4" has 4 fields/],
    ['0 0 31 2 *', 'UTC', /cron: /],
    ['0 0 * * *', 'Mars/Olympus', /timeZone: "Mars\/Olympus" is no time zone/],
  ])('%s in %s', (cron, timeZone, words) => {
    expect(() => checkRule({ cron, timeZone })).toThrow(words);
    expect(() => checkRule({ cron, timeZone })).toThrow(ConfigError);
  });
  it('takes five fields, and six', () => {
    checkRule({ cron: '*/15 * * * *', timeZone: 'Europe/Berlin' });
    checkRule({ cron: '*/10 * * * * *', timeZone: 'UTC' });
  });
});

describe('missed slots', () => {
  const hourly = (missed: MissedPolicy): ScheduleRule => ({ cron: '0 * * * *', timeZone: 'UTC', missed });
  it('once fires the last of them, and says how many it stands for', () => {
    const decision = decideDue(hourly('once'), at('2027-01-01T00:30Z'), at('2027-01-01T05:30Z'));
    expect(decision).toEqual({
      cursorMs: at('2027-01-01T05:30Z'),
      fire: [{ slotMs: at('2027-01-01T05:00Z'), because: 'missed' }],
      missed: { count: 4, firstMs: at('2027-01-01T01:00Z'), lastMs: at('2027-01-01T05:00Z') },
    });
  });
  it('skip fires none of them', () => {
    expect(decideDue(hourly('skip'), at('2027-01-01T00:30Z'), at('2027-01-01T05:30Z'))).toMatchObject({ fire: [], missed: { count: 5 } });
  });
  it('a slot on time stands for those before it', () => {
    const decision = decideDue(hourly('once'), at('2027-01-01T00:30Z'), at('2027-01-01T05:00:05Z'));
    expect(decision.fire).toEqual([{ slotMs: at('2027-01-01T05:00Z'), because: 'time' }]);
    expect(decision.missed?.count).toBe(4);
  });
  it('a year of minutes is counted no further than it takes, and its last slot found', () => {
    const decision = decideDue({ cron: '* * * * *', timeZone: 'Europe/Berlin', missed: 'once' }, at('2027-01-01T00:00Z'), at('2028-01-01T00:02:30Z'));
    expect(decision.fire).toEqual([{ slotMs: at('2028-01-01T00:02Z'), because: 'time' }]);
    expect(decision.missed).toMatchObject({ count: MOST_MISSED_COUNTED, lastMs: at('2028-01-01T00:01Z') });
  });
});

const crons = fc.constantFrom('* * * * *', '*/15 * * * *', '0 * * * *', '30 2 * * *', '0 0 * * 1', '15 2,3 * * *', '0 */2 * * *', '0 3 1 * *', '59 1-3 * * *');
const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Sao_Paulo');
/** Around the shifts of 2027 as well as on ordinary days. */
const moments = fc.oneof(
  fc.integer({ min: at('2027-03-27T12:00Z'), max: at('2027-03-29T12:00Z') }),
  fc.integer({ min: at('2027-10-30T12:00Z'), max: at('2027-11-01T12:00Z') }),
  fc.integer({ min: at('2027-01-01T00:00Z'), max: at('2027-12-31T00:00Z') }),
);

describe('whatever the clock does', () => {
  it('the next slot is the same from every moment before it', () => {
    fc.assert(fc.property(crons, zones, moments, fc.integer({ min: 0, max: 5 * 3_600_000 }), (cron, timeZone, from, step) => {
      const slot = nextSlot({ cron, timeZone }, from);
      expect(slot).toBeGreaterThan(from);
      if (from + step < slot) expect(nextSlot({ cron, timeZone }, from + step)).toBe(slot);
      expect(nextSlot({ cron, timeZone }, slot - 1)).toBe(slot);
    }), { numRuns: 120 });
  });

  it('a clock that goes on fires each slot once, in order, however often it is looked at', () => {
    fc.assert(fc.property(crons, zones, moments, fc.array(fc.integer({ min: 1, max: ON_TIME_MS - 1 }), { minLength: 1, maxLength: 60 }), (cron, timeZone, from, steps) => {
      const rule: ScheduleRule = { cron, timeZone, missed: 'skip' };
      const fired: number[] = [];
      let [cursor, now] = [from, from];
      for (const step of steps) {
        now += step;
        const decision = decideDue(rule, cursor, now);
        expect(decision.missed).toBeNull();
        cursor = decision.cursorMs;
        fired.push(...decision.fire.map(({ slotMs }) => slotMs));
      }
      const expected: number[] = [];
      for (let slot = nextSlot(rule, from); slot <= now; slot = nextSlot(rule, slot)) expected.push(slot);
      expect(fired).toEqual(expected);
    }), { numRuns: 100 });
  });

  it('a clock that jumps back and forth fires no slot twice, and never one that lies ahead of it', () => {
    const jump = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 90 * MINUTE }) }, { weight: 1, arbitrary: fc.integer({ min: -2 * DAY, max: 2 * DAY }) });
    fc.assert(fc.property(crons, zones, fc.constantFrom<MissedPolicy>('once', 'skip'), moments, fc.array(jump, { minLength: 1, maxLength: 15 }), (cron, timeZone, missed, from, jumps) => {
      const rule: ScheduleRule = { cron, timeZone, missed };
      // What the primary key of the firings does.
      const record = new Set<number>();
      let [cursor, now] = [from, from];
      for (const by of jumps) {
        now += by;
        const decision = decideDue(rule, cursor, now);
        cursor = decision.cursorMs;
        expect(cursor).toBe(now);
        const late = decision.fire.filter(({ because }) => because === 'missed');
        expect(late.length).toBeLessThanOrEqual(missed === 'once' ? 1 : 0);
        if (late.length > 0) expect(decision.fire).toHaveLength(1);
        for (const { slotMs, because } of decision.fire) {
          expect(slotMs).toBeLessThanOrEqual(now);
          expect(because === 'time').toBe(slotMs > now - ON_TIME_MS);
          // It is a slot of the schedule, not a time of the clock.
          expect(nextSlot(rule, slotMs - 1)).toBe(slotMs);
          record.add(slotMs);
        }
      }
      // After the jumps the schedule goes on from where the clock stands: no slot ahead is lost to a clock that was wrong.
      const next = nextSlot(rule, now);
      expect(decideDue(rule, cursor, next).fire.map(({ slotMs }) => slotMs)).toEqual([next]);
    }), { numRuns: 40 });
  });

  it('after downtime, once fires exactly one slot if there was any, and skip none', () => {
    fc.assert(fc.property(crons, zones, moments, fc.integer({ min: 2 * ON_TIME_MS, max: 3 * DAY }), (cron, timeZone, from, down) => {
      const now = from + down;
      const first = nextSlot({ cron, timeZone }, from);
      const once = decideDue({ cron, timeZone, missed: 'once' }, from, now);
      const skip = decideDue({ cron, timeZone, missed: 'skip' }, from, now);
      if (first > now) expect([once.fire, once.missed, skip.fire, skip.missed]).toEqual([[], null, [], null]);
      else {
        expect(once.fire.length).toBeGreaterThan(0);
        // Those on time, or a single one that stands for all that were missed.
        expect(once.fire.filter(({ because }) => because === 'missed').length).toBe(skip.fire.length > 0 ? 0 : 1);
        expect(skip.fire.every(({ slotMs }) => slotMs > now - ON_TIME_MS)).toBe(true);
        expect(nextSlot({ cron, timeZone }, once.fire.at(-1)?.slotMs ?? 0)).toBeGreaterThan(now);
      }
    }), { numRuns: 100 });
    // Thousands of slots by the second: on a machine that is busy it takes its time.
  }, 60_000);
});
