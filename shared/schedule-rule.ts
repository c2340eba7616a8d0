/**
 * When a schedule fires: pure, and monotone under every jump of the clock.
 *
 * A slot is a nominal time of the cron expression, epoch ms. Slots are those of the zone's clock:
 * - a time that the zone skips in spring is moved behind the gap, so a daily schedule fires once that day;
 * - a time that the zone has twice in autumn counts once, the first time;
 * - with every hour of the day in the expression (any cron with `*` there), the slots go on in real time through both.
 *
 * What has been decided up to (the cursor) is remembered outside, and so is every slot that was fired: the record, not
 * the clock, is what keeps a slot from being fired twice.
 */
import { CronExpressionParser } from 'cron-parser';
import * as z from 'zod';
import { ConfigError, messageOf } from './errors.ts';

/** What happens at a slot while the job of the firing before has not ended: leave the slot out, or fire it once that has ended. */
export const OverlapPolicy = z.enum(['skip', 'queue']);
export type OverlapPolicy = z.infer<typeof OverlapPolicy>;
/** What happens after slots were missed (the site was down, the clock jumped ahead): fire once for all of them, or not at all. */
export const MissedPolicy = z.enum(['once', 'skip']);
export type MissedPolicy = z.infer<typeof MissedPolicy>;

export interface ScheduleRule {
  /** Five fields (minute grain) or six (the first is seconds). */
  readonly cron: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly missed: MissedPolicy;
}

/** A slot counts as missed when it could not be fired within this time, ms. A restart of the site takes less. */
export const ON_TIME_MS = 60_000;
/** Missed slots are counted up to here. */
export const MOST_MISSED_COUNTED = 1_000;

export interface MissedSlots {
  /** How many; MOST_MISSED_COUNTED may be fewer than there were. */
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface DueDecision {
  /** Everything up to here is decided. Goes back when the clock was set back. */
  readonly cursorMs: number;
  /** Slots to fire, oldest first. */
  readonly fire: readonly { readonly slotMs: number; readonly because: 'time' | 'missed' }[];
  /** Slots that will not be fired, besides those above. */
  readonly missed: MissedSlots | null;
}

/**
 * Decide what is due. `cursorMs` is what the decision before returned (at first, when the schedule was made).
 * @throws ConfigError('cron') if the expression or zone is not valid.
 */
export function decideDue(rule: ScheduleRule, cursorMs: number, nowMs: number): DueDecision {
  // The clock was set back: slots come by again, and the record of those that were fired stops them.
  if (nowMs <= cursorMs) return { cursorMs: nowMs, fire: [], missed: null };
  const onTimeFrom = nowMs - ON_TIME_MS;
  const missedUpTo = Math.min(onTimeFrom, nowMs);
  const missed = cursorMs < missedUpTo ? slotsMissed(rule, cursorMs, missedUpTo) : null;
  const onTime: number[] = [];
  for (let slot = nextSlot(rule, Math.max(cursorMs, missedUpTo)); slot <= nowMs; slot = nextSlot(rule, slot)) onTime.push(slot);
  const fire = onTime.map((slotMs) => ({ slotMs, because: 'time' as const }));
  // A slot that is on time stands for the missed ones as well: one run is what `once` asks for.
  if (missed === null || rule.missed === 'skip' || fire.length > 0) return { cursorMs: nowMs, fire, missed };
  const rest = missed.count > 1 ? { ...missed, count: missed.count - 1 } : null;
  return { cursorMs: nowMs, fire: [{ slotMs: missed.lastMs, because: 'missed' }], missed: rest };
}

/** Slots in (afterMs, upToMs]; null if there are none. Counts no further than MOST_MISSED_COUNTED, but finds the last one. */
function slotsMissed(rule: ScheduleRule, afterMs: number, upToMs: number): MissedSlots | null {
  const firstMs = nextSlot(rule, afterMs);
  if (firstMs > upToMs) return null;
  let [count, lastMs] = [1, firstMs];
  for (let slot = nextSlot(rule, lastMs); slot <= upToMs; slot = nextSlot(rule, slot)) {
    lastMs = slot;
    count += 1;
    if (count === MOST_MISSED_COUNTED) return { count, firstMs, lastMs: lastSlot(rule, lastMs, upToMs) };
  }
  return { count, firstMs, lastMs };
}

/** The last slot at or before `upToMs`, known to be at or behind `fromMs`: looks back twice as far each time, so that it walks few slots. */
function lastSlot(rule: ScheduleRule, fromMs: number, upToMs: number): number {
  for (let backMs = 60_000; upToMs - backMs > fromMs; backMs *= 2) {
    let found = nextSlot(rule, upToMs - backMs);
    if (found > upToMs) continue;
    for (let slot = nextSlot(rule, found); slot <= upToMs; slot = nextSlot(rule, slot)) found = slot;
    return found;
  }
  let found = fromMs;
  for (let slot = nextSlot(rule, found); slot <= upToMs; slot = nextSlot(rule, slot)) found = slot;
  return found;
}

/** The next `count` slots after `afterMs`, oldest first. @throws ConfigError('cron'). */
export function nextSlots(rule: Pick<ScheduleRule, 'cron' | 'timeZone'>, afterMs: number, count: number): number[] {
  const slots: number[] = [];
  for (let after = afterMs; slots.length < count; ) {
    after = nextSlot(rule, after);
    slots.push(after);
  }
  return slots;
}

/** Longest shift of a zone's clock, and how far around a moment one is looked for, ms. */
const SHIFT_MS = 3 * 3_600_000;

/**
 * The first slot after a moment, epoch ms: the same one whatever the moment before it that is asked from.
 * The parser is asked in UTC for times of the wall clock only: in zones that shift by half an hour it runs in circles.
 * @throws ConfigError('cron').
 */
export function nextSlot({ cron, timeZone }: Pick<ScheduleRule, 'cron' | 'timeZone'>, afterMs: number): number {
  const offset = offsetMs(timeZone, afterMs);
  // Near a shift, times of the wall clock come again or are moved: begin before it.
  const shiftNear = [afterMs - SHIFT_MS, afterMs + SHIFT_MS].some((ms) => offsetMs(timeZone, ms) !== offset);
  const wall = parse(cron, afterMs + offset - (shiftNear ? SHIFT_MS : 0));
  const everyHour = wall.fields.hour.values.length === 24;
  let found = Number.POSITIVE_INFINITY;
  for (let lastWall = Number.POSITIVE_INFINITY; ; ) {
    const wallMs = wall.next().getTime();
    if (wallMs > lastWall) return found;
    for (const slot of instantsOf(timeZone, wallMs, everyHour)) if (slot > afterMs) found = Math.min(found, slot);
    // Behind a shift, a time that was moved may stand behind one that was not: look on for as long as that can be.
    if (found === Number.POSITIVE_INFINITY) continue;
    if (offsetMs(timeZone, found - SHIFT_MS) === offsetMs(timeZone, found + SHIFT_MS)) return found;
    lastWall = Math.min(lastWall, wallMs + SHIFT_MS);
  }
}

/** The moments at which a zone's clock shows a time: none becomes the one behind the gap; of two the first, or both. */
function instantsOf(timeZone: string, wallMs: number, both: boolean): number[] {
  const [before, after] = [offsetMs(timeZone, wallMs - 24 * 3_600_000), offsetMs(timeZone, wallMs + 24 * 3_600_000)];
  const shown = [...new Set([wallMs - before, wallMs - after])].filter((ms) => ms + offsetMs(timeZone, ms) === wallMs).sort((a, b) => a - b);
  // Every hour is in the expression: the time behind the gap has a slot of its own.
  if (shown.length === 0) return both ? [] : [wallMs - before];
  return both ? shown : shown.slice(0, 1);
}

/** @throws ConfigError('cron') or ConfigError('timeZone') that says what is wrong. */
export function checkRule(rule: Pick<ScheduleRule, 'cron' | 'timeZone'>): void {
  offsetMs(rule.timeZone, 0);
  const fields = rule.cron.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6) throw new ConfigError('cron', `"${rule.cron}" has ${fields} field${fields === 1 ? '' : 's'}`, EXPECTED_CRON);
  nextSlot(rule, 0);
}

const EXPECTED_CRON = 'five fields such as "*/15 * * * *", or six with seconds first';

function parse(cron: string, currentMs: number) {
  try {
    return CronExpressionParser.parse(cron, { tz: 'UTC', currentDate: new Date(currentMs) });
  } catch (cause) {
    throw new ConfigError('cron', `"${cron}" is not a cron expression (${messageOf(cause)})`, EXPECTED_CRON, { cause });
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's clock is ahead of UTC at a moment, ms. @throws ConfigError('timeZone'). */
function offsetMs(timeZone: string, atMs: number): number {
  let clock = clocks.get(timeZone);
  if (!clock) {
    try {
      clock = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    } catch (cause) {
      throw new ConfigError('timeZone', `"${timeZone}" is no time zone`, 'an IANA time zone such as Europe/Berlin', { cause });
    }
    clocks.set(timeZone, clock);
  }
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(clock.format(atMs)) ?? [];
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}
