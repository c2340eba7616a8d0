/** Following the bus: what is written, what is asked, and where the position stands when something fails. */
import { expect, test } from 'vitest';
import { createEvent } from '../../shared/envelope.ts';
import { EventCatalogue, type PayloadVerdict } from '../../shared/event-catalogue/index.ts';
import { Arrivals } from '../event-bus/arrivals.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import { type FollowedFrom, Following, type ReadReport } from './following.ts';
import type { Judged } from './reading-events.ts';

const ended = (type = 'communication.CallEnded'): object => createEvent({ eventType: type, source: 'test', data: { callId: 'c1', outcome: 'answered', durationSeconds: 3 } });
let seq = 0;
const message = (content: object | string, subject = (content as { eventType?: string }).eventType ?? 'data.Unreadable'): StoredMessage => ({
  seq: (seq += 1), subject, headers: [], body: new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content)), storedMs: Date.now(),
});

/** A bus of messages, a view that notes what it is given, and the services' side. */
function setup(services: Partial<FollowedFrom> = {}, apply: () => void = () => {}, judgedElsewhere: readonly string[] = []) {
  const bus = new Arrivals<StoredMessage>();
  const [written, reports, applied]: [{ events: number; setAside: number; lastSeq: number }[], ReadReport[], number[]] = [[], [], []];
  const following = new Following({
    follower: { nextBatch: (max) => bus.take(max), close: async () => bus.close() },
    writer: {
      applyEvents: (events, setAside, lastSeq) => {
        apply();
        written.push({ events: events.length, setAside: setAside.length, lastSeq });
      },
    },
    services: {
      read: async (report) => {
        reports.push(report);
        return null;
      },
      refused: async () => true, judge: async (payloads) => payloads.map(() => ({ verdict: 'valid' })),
      applied: async (upTo) => void applied.push(upTo),
      ...services,
    },
    catalogue: new EventCatalogue(), judgedElsewhere,
  });
  return { bus, following, written, reports, applied };
}
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

test('all that was read is written, in order, also what still waits when it is closed; the position is told', async () => {
  const { bus, following, written, reports, applied } = setup();
  const running = following.run();
  for (let i = 0; i < 1_700; i += 1) bus.push(message(ended()));
  await until(() => reports.reduce((sum, { total }) => sum + total, 0) === 1_700);
  await following.close();
  await running;
  expect(written.reduce((sum, { events }) => sum + events, 0)).toBe(1_700);
  expect(written.at(-1)?.lastSeq).toBe(seq);
  expect(applied).toEqual(written.map(({ lastSeq }) => lastSeq));
  expect(reports[0]?.byDomain).toEqual({ communication: reports[0]?.total });
});

test('events are handed over only while somebody watches', async () => {
  const { bus, following, reports } = setup();
  const running = following.run();
  bus.push(message(ended()));
  await until(() => reports.length === 1);
  following.watched = true;
  bus.push(message(ended()));
  await until(() => reports.length === 2);
  await following.close();
  await running;
  expect(reports.map(({ events }) => events?.length ?? null)).toEqual([null, 1]);
});

test('payloads of types that plugins have brought are judged by the services, and refused on their word', async () => {
  const asked: Judged[][] = [];
  const refusals: string[] = [];
  const judge = async (payloads: Judged[]): Promise<PayloadVerdict[]> => {
    asked.push(payloads);
    return payloads.map(({ data }) => (data.callId === 'bad' ? { verdict: 'invalid', problem: 'data.callId: expected a good one' } : { verdict: 'valid' }));
  };
  const reports: ReadReport[] = [];
  const { bus, following, written } = setup({
    judge,
    read: async (report, known) => {
      reports.push(report);
      return known === 0 ? ['communication.CallEnded@1.0'] : null;
    },
    refused: async (refused) => {
      refusals.push(...refused.map(({ reason, problem }) => `${reason}: ${problem}`));
      return true;
    },
  });
  const running = following.run();
  bus.push(message(ended()));
  await until(() => reports.length === 1);
  expect(asked).toEqual([]);
  const bad = { ...ended(), data: { callId: 'bad' } };
  for (const event of [ended(), bad, ended('data.EntityDeleted')]) bus.push(message(event));
  await until(() => reports.reduce((sum, { total }) => sum + total, 0) === 4);
  await following.close();
  await running;
  expect(asked.flat().map(({ eventType, data }) => [eventType, data.callId])).toEqual([['communication.CallEnded', 'c1'], ['communication.CallEnded', 'bad']]);
  // The third one does not fit the built-in schema of its type: that is judged here.
  expect(refusals.toSorted()).toEqual([expect.stringMatching(/^bad-payload: data\.callId: expected a good one/), expect.stringMatching(/^bad-payload: data\./)]);
  expect(written.at(-1)?.lastSeq).toBe(seq);
});

test('what the services judge is asked of them from the first message on', async () => {
  const asked: string[] = [];
  const { bus, following, reports } = setup({
    judge: async (payloads) => payloads.map(({ eventType }) => {
      asked.push(eventType);
      return { verdict: 'valid' };
    }),
  }, () => {}, ['communication.CallEnded@1.0']);
  // It does not fit the built-in schema: a plugin has put its own in its place.
  bus.push(message({ ...ended(), data: { anything: true } }));
  const running = following.run();
  await until(() => reports.length === 1);
  await following.close();
  await running;
  expect(asked).toEqual(['communication.CallEnded']);
  expect(reports[0]?.byDomain).toEqual({ communication: 1 });
});

test('the position does not pass what could not be kept', async () => {
  const { bus, following, written } = setup({ refused: async () => false });
  bus.push(message('no JSON'));
  const before = seq - 1;
  await following.run();
  expect(written.every(({ lastSeq }) => lastSeq <= before)).toBe(true);
  expect(written).toEqual([]);
});

test('what can not be written ends it with the error, and nothing more is read', async () => {
  const { bus, following, reports } = setup({}, () => {
    throw new Error('the disk is full');
  });
  bus.push(message(ended()));
  await expect(following.run()).rejects.toThrow('the disk is full');
  bus.push(message(ended()));
  expect(reports).toHaveLength(1);
});
