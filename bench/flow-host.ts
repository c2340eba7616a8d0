/**
 * A site whose view and live feed take a firehose of events instead of the bus, for bench/flow.ts: synchronous JetStream writes would
 * stop earlier. Everything behind the bus is the real thing: reading and checking each event, the live feed, SQLite, the API, the wire.
 *
 *   node bench/flow-host.ts <data folder> <events a second>     prints its launch link, then one line a second of what it fed
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TokenStore } from '../main/access/token-store.ts';
import type { EventBus, Follower, StoredMessage } from '../main/event-bus/event-bus.ts';
import { ConsoleFiles } from '../main/http-host/console-files.ts';
import { startHttpHost } from '../main/http-host/http-host.ts';
import { LiveFlow } from '../main/projections/live-flow.ts';
import { Projection } from '../main/projections/projection.ts';
import { EventReader } from '../main/routing/event-reader.ts';
import { startSpine, VERSION } from '../main/spine.ts';

const [dataFolder = '', rate = '10000'] = process.argv.slice(2);
const perSecond = Number(rate);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

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
  readonly #began = performance.now();
  #closed = false;
  made = 0;
  /** Of the events that belong together: on the sites we know, a correlation has some five. */
  #correlationId = '';

  async nextBatch(max: number): Promise<StoredMessage[]> {
    for (;;) {
      if (this.#closed) return [];
      const due = Math.floor(((performance.now() - this.#began) / 1_000) * perSecond) - this.made;
      if (due > 0) return Array.from({ length: Math.min(due, max) }, () => this.#message());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  async close(): Promise<void> {
    this.#closed = true;
  }

  #message(): StoredMessage {
    this.made += 1;
    const kind = KINDS[this.made % KINDS.length];
    if (!kind) throw new Error('no kinds');
    const [eventType, source, data] = kind;
    const [eventId, now] = [randomUUID(), Date.now()];
    if (this.made % KINDS.length === 1) this.#correlationId = eventId;
    const body = Buffer.from(JSON.stringify({ eventId, eventType, eventVersion: '1.0', timestamp: new Date(now).toISOString(), source, correlationId: this.#correlationId, data: data(this.made) }));
    return { seq: this.made, subject: eventType, headers: [], body, storedMs: now };
  }
}

const spine = await startSpine({ env: { ...process.env }, dataFolder, host: 'headless', say: () => {} });
const { services } = spine;
const live = new LiveFlow();
const hose = new Firehose();
const projection = new Projection({
  file: join(dataFolder, 'firehose', 'lineage.sqlite'),
  bus: { streams: async () => [], follow: async () => hose } satisfies Pick<EventBus, 'streams' | 'follow'> as unknown as EventBus,
  pool: services.database.intake,
  onDisk: services.database.onDisk,
  reader: new EventReader(services.events),
  retentionMs: () => 86_400_000,
  onRefused: async (refused) => {
    throw new Error(`${refused.length} events were refused: ${refused[0]?.problem ?? ''}`);
  },
  onEvents: (events, total) => live.add(events, total),
  onApplied: () => {},
  onRebuild: (why) => say(`rebuilt: ${why}`),
  onError: (error) => say(`error: ${String(error)}`),
});
await projection.start();
const files = new ConsoleFiles(fileURLToPath(new URL('../out/renderer', import.meta.url)));
const tokens = new TokenStore(spine.folder.secrets);
const host = await startHttpHost({ services: { ...services, live, projection }, version: VERSION, files, listen: { host: '127.0.0.1', port: 0, tls: null, names: [] }, tokens, onError: (error) => say(`error: ${String(error)}`) });
say(`link ${host.launchUrl()}`);
let before = 0;
setInterval(() => {
  say(`fed ${hose.made - before}, ${hose.made - projection.lastSeq} not in SQLite`);
  before = hose.made;
}, 1_000);
process.on('SIGTERM', () => {
  void (async () => {
    await host.close();
    await projection.stop();
    await spine.stop();
    process.exit(0);
  })();
});
