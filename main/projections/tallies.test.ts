/** What is counted of events by the hour, through the writer and back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvent } from '../../shared/envelope.ts';
import type { SetAside } from '../routing/inbox.ts';
import { eventRowOf } from './event-row.ts';
import { openForReading, openForWriting } from './projection-store.ts';
import { type TalliedEvent, tally } from './tallies.ts';

const HOUR_MS = 3_600_000;
const BEGAN = Date.UTC(2026, 10, 24, 10);

let seq = 0;
function counted(hour: number, eventType: string, data: Record<string, unknown> = {}, more: { source?: string; eventVersion?: string; verdict?: 'valid' | 'uncatalogued' } = {}): TalliedEvent & { body: string } {
  const event = createEvent({ eventType, source: more.source ?? 'pbx', eventVersion: more.eventVersion ?? '1.0', data });
  seq += 1;
  return { row: eventRowOf(event, { seq, storedMs: BEGAN + hour * HOUR_MS + seq }, more.verdict ?? 'valid'), data, body: JSON.stringify(event) } as unknown as TalliedEvent & { body: string };
}
const refused = (hour: number, subject: string, reason: SetAside['reason']): SetAside => ({ message: { seq: ++seq, subject, headers: [], body: new Uint8Array(), storedMs: BEGAN + hour * HOUR_MS }, reason, problem: 'x' });

describe('tally', () => {
  it('counts a batch once for each name and hour', () => {
    const events = [counted(0, 'rule.ConditionMatched', { ruleId: 'vip' }), counted(0, 'rule.ConditionMatched', { ruleId: 'vip' }), counted(1, 'rule.ConditionMatched', { ruleId: 'late' }), counted(1, 'communication.New', {}, { verdict: 'uncatalogued', eventVersion: '2.0' })];
    expect(tally(events, [refused(1, 'communication.CallEnded', 'bad-payload'), refused(1, 'x', 'not-json')]).map(({ kind, name, bucketS, count }) => [kind, name, (bucketS * 1_000 - BEGAN) / HOUR_MS, count])).toEqual([
      ['type', 'rule.ConditionMatched@1.0', 0, 2], ['source', 'rule.ConditionMatched pbx', 0, 2], ['rule', 'vip', 0, 2],
      ['type', 'rule.ConditionMatched@1.0', 1, 1], ['source', 'rule.ConditionMatched pbx', 1, 1], ['rule', 'late', 1, 1],
      ['type', 'communication.New@2.0', 1, 1], ['source', 'communication.New pbx', 1, 1], ['unknown', 'communication.New@2.0', 1, 1],
      ['drift', 'communication.CallEnded', 1, 1],
    ]);
  });
  it('cuts names that a publisher chose to be endless', () => expect(tally([counted(0, 'a.B', {}, { source: 's'.repeat(1_000) })], []).map(({ name }) => name.length)).toEqual([7, 400]));
});

describe('in the read model', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spine-tallies-'));
  const file = join(folder, 'lineage.sqlite');
  const closing: (() => void)[] = [];
  let read: ReturnType<typeof openForReading>;
  beforeAll(() => {
    const { writer, close } = openForWriting(file);
    for (const hour of [0, 5, 5]) {
      const events = [counted(hour, 'rule.ConditionMatched', { ruleId: 'vip' })];
      writer.applyEvents(events as never, [], seq, tally(events, []));
    }
    read = openForReading(file);
    closing.push(read.close, close);
  });
  afterAll(() => {
    for (const close of closing) close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('sums add up over batches, and know the last event', () => {
    const [sum, ...others] = read.tallies.sums('rule', BEGAN + 2 * HOUR_MS);
    expect(others).toEqual([]);
    expect(sum).toMatchObject({ name: 'vip', count: 3, lately: 2, lastSeq: seq, lastEventId: read.rows.events({}, null, 1).rows[0]?.eventId });
    expect(read.tallies.sums('drift', 0)).toEqual([]);
    expect(read.tallies.sums('source', 0, 'rule.ConditionMatched ').map(({ name }) => name)).toEqual(['rule.ConditionMatched pbx']);
    expect(read.tallies.sums('source', 0, 'rule.Condition ')).toEqual([]);
  });
});
