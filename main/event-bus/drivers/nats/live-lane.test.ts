import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Delivery, StoredMessage } from '../../event-bus.ts';
import { LiveLane } from './live-lane.ts';

const messageOf = (seq: number, body = `event ${seq}`): StoredMessage => ({ seq, subject: 'system.Test', headers: [], body: Buffer.from(body), storedMs: seq });

/** A consumer and who takes from the lane, with a record of everything. */
function observe(): { lane: LiveLane; handed: Delivery[]; answers: string[]; deliver: (seq: number, body?: string) => void } {
  const handed: Delivery[] = [];
  const answers: string[] = [];
  const lane = new LiveLane((delivery) => handed.push(delivery));
  const deliver = (seq: number, body?: string): void => lane.delivered({ ...messageOf(seq, body), ack: () => answers.push(`ack ${seq}`), retryLater: (ms) => answers.push(`retry ${seq} ${ms}`) });
  return { lane, handed, answers, deliver };
}

test('what the lane brings is handed on at once, and answered once the consumer delivers it', () => {
  const { lane, handed, answers, deliver } = observe();
  lane.stored(messageOf(1));
  handed[0]?.ack();
  expect(answers).toEqual([]);
  deliver(1);
  expect(handed).toHaveLength(1);
  expect(answers).toEqual(['ack 1']);
});

test('an answer that comes after the delivery is given at once; of two deliveries the last one takes it', () => {
  const { lane, handed, answers, deliver } = observe();
  lane.stored(messageOf(1));
  deliver(1);
  deliver(1);
  expect(handed).toHaveLength(1);
  handed[0]?.retryLater(500);
  expect(answers).toEqual(['retry 1 500']);
  // It comes again, and is handed on like any other.
  deliver(1);
  expect(handed).toHaveLength(2);
});

test('a message that pretends to be stored does not take the answer of the one that is', () => {
  const { lane, handed, answers, deliver } = observe();
  lane.stored(messageOf(7, 'forged'));
  handed[0]?.ack();
  deliver(7);
  expect(answers).toEqual([]);
  handed[1]?.ack();
  expect(answers).toEqual(['ack 7']);
});

test('far behind, the lane waits for the consumer; what was taken out of the stream does not block it', () => {
  const { lane, handed, deliver } = observe();
  for (let seq = 1; seq <= 1_200; seq += 1) lane.stored(messageOf(seq));
  expect(handed).toHaveLength(1_000);
  for (const delivery of handed) delivery.ack();
  deliver(1_100);
  lane.stored(messageOf(1_201));
  expect(handed.at(-1)?.seq).toBe(1_201);
});

test('in whatever order lane, consumer and answers come: each message is handed on, and each delivery answered as it was', () => {
  const step = fc.record({ what: fc.constantFrom('stored', 'delivered', 'answered'), seq: fc.integer({ min: 1, max: 8 }) });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { lane, handed, answers, deliver } = observe();
    let answered = 0;
    const answerNext = (): void => handed[answered++]?.ack();
    const delivered = new Set<number>();
    for (const { what, seq } of steps) {
      if (what === 'stored') lane.stored(messageOf(seq));
      else if (what === 'answered' && answered < handed.length) answerNext();
      else if (what === 'delivered' && !delivered.has(seq)) {
        delivered.add(seq);
        deliver(seq);
      }
    }
    while (answered < handed.length) answerNext();
    expect(answers.toSorted()).toEqual([...delivered].sort().map((seq) => `ack ${seq}`));
    // Not twice by the two ways.
    expect(new Set(handed.map(({ seq }) => seq)).size).toBe(handed.length);
  }));
});
