/** The threads of bench/flow-host.ts: the projection's own, following a firehose instead of the bus. */
import { randomUUID } from 'node:crypto';
import type { Follower, StoredMessage } from '../main/event-bus/event-bus.ts';
import { serveThread } from '../main/projections/threads.ts';

/** Types as they come on a busy site, and what each says. */
const KINDS: readonly (readonly [type: string, source: string, data: (n: number) => object])[] = [
  ['communication.CallStarted', 'pbx-1', (n) => ({ callId: `call-${n}`, from: `+49 30 ${100_000 + (n % 900_000)}`, to: '+49 30 5550100', direction: 'inbound', customer: { id: n % 20_000, tier: n % 4 === 0 ? 'vip' : 'standard' } })],
  ['communication.CallEnded', 'pbx-1', (n) => ({ callId: `call-${n}`, outcome: 'answered', durationSeconds: n % 600 })],
  ['connector.LocationUpdated', 'gps', (n) => ({ subject: `van-${n % 400}`, latitude: 52 + (n % 1_000) / 1_000, longitude: 13 + (n % 777) / 777 })],
  ['connector.DataReceived', 'connector.crm', (n) => ({ connectorId: 'crm', recordId: `r-${n}`, record: { id: n, name: 'Ada Lovelace', city: 'Berlin' } })],
  ['data.EntityUpdated', 'spine.bench', (n) => ({ entityType: 'customer', entityId: `c-${n % 20_000}`, version: 1 + (n % 40), attributes: { city: 'Berlin' } })],
];

/** As many messages as are due by the clock, and no more. */
class Firehose implements Follower {
  readonly #perSecond: number;
  readonly #began = performance.now();
  #closed = false;
  #made = 0;
  /** Of the events that belong together: on the sites we know, a correlation has some five. */
  #correlationId = '';

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  async nextBatch(max: number): Promise<StoredMessage[]> {
    for (;;) {
      if (this.#closed) return [];
      const due = Math.floor(((performance.now() - this.#began) / 1_000) * this.#perSecond) - this.#made;
      if (due > 0) return Array.from({ length: Math.min(due, max) }, () => this.#message());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  async close(): Promise<void> {
    this.#closed = true;
  }

  #message(): StoredMessage {
    this.#made += 1;
    const kind = KINDS[this.#made % KINDS.length];
    if (!kind) throw new Error('no kinds');
    const [eventType, source, data] = kind;
    const [eventId, now] = [randomUUID(), Date.now()];
    if (this.#made % KINDS.length === 1) this.#correlationId = eventId;
    const body = Buffer.from(JSON.stringify({ eventId, eventType, eventVersion: '1.0', timestamp: new Date(now).toISOString(), source, correlationId: this.#correlationId, data: data(this.#made) }));
    return { seq: this.#made, subject: eventType, headers: [], body, storedMs: now };
  }
}

await serveThread(async () => async ({ name }) => new Firehose(Number(name)));
