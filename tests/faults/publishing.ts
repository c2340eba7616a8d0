/** Publishers of a fault run: at least once, by a NATS client or by the HTTP intake, as often as it takes to be acknowledged. */
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { v4 as uuidv4 } from 'uuid';
import { createEvent, type Envelope } from '../../shared/envelope.ts';
import { publishUntilAcked } from '../support/site-clients.ts';
import type { SiteProcess } from '../support/site-process.ts';
import { vipCall } from '../support/vip-site.ts';
import type { Copy, PlannedEvent } from './scenario.ts';

/** Between tries while the site or the server is away, ms. */
const AGAIN_MS = 50;
/** Nobody is away for longer than this; a publisher that still fails then gives up, ms. */
const GIVE_UP_MS = 60_000;

export interface Publishers {
  readonly site: SiteProcess;
  readonly nats: NatsConnection;
}

/** An event with its plan. */
export interface RunEvent {
  readonly event: Envelope;
  readonly plan: PlannedEvent;
}

export function eventsOf(wave: readonly PlannedEvent[]): RunEvent[] {
  return wave.map((plan, index) => ({ plan, event: createEvent({ eventType: 'communication.CallStarted', source: 'faults', data: vipCall(`call-${index}`) }) }));
}

/**
 * Publish events and their copies from so many publishers at the same time.
 * @returns when all are acknowledged. @throws the last error of a publisher that is never answered.
 */
export async function publishAll(publishers: Publishers, events: readonly RunEvent[], atTheSameTime: number): Promise<void> {
  // An event's copies follow it at once: some overtake it, as from a publisher that has lost its patience.
  const queue = events.flatMap(({ event, plan }) => [() => publishFirst(publishers, event, plan), ...plan.copies.map((copy) => () => publishCopy(publishers, event, copy))]);
  await Promise.all(
    Array.from({ length: atTheSameTime }, async () => {
      for (let publish = queue.shift(); publish; publish = queue.shift()) await publish();
    }),
  );
}

async function publishFirst({ site, nats }: Publishers, event: Envelope, { via }: PlannedEvent): Promise<void> {
  if (via === 'nats') return publishUntilAcked(nats, event);
  const { eventType, data, ...rest } = event;
  await untilAcked(() => site.publish(eventType, data, rest));
}

async function publishCopy({ nats }: Publishers, event: Envelope, copy: Copy): Promise<void> {
  if (copy === 'same-id') return publishUntilAcked(nats, event);
  const options = { timeout: 1_000, ...(copy === 'other-id' ? { msgID: uuidv4() } : {}) };
  await untilAcked(() => jetstream(nats).publish(event.eventType, JSON.stringify(event), options));
}

async function untilAcked(publish: () => Promise<unknown>): Promise<void> {
  const giveUp = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      await publish();
      return;
    } catch (error) {
      if (performance.now() > giveUp) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
