/**
 * A site whose view and live feed take a firehose of events instead of the bus, for bench/flow.ts: synchronous JetStream writes would
 * stop earlier. Everything behind the bus is the real thing: reading and checking each event, the live feed, SQLite, the API, the wire.
 *
 *   node bench/flow-host.ts <data folder> <events a second>     prints its launch link, then one line a second of what it fed
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TokenStore } from '../main/access/token-store.ts';
import { ConsoleFiles } from '../main/http-host/console-files.ts';
import { startHttpHost } from '../main/http-host/http-host.ts';
import { LiveFlow } from '../main/projections/live-flow.ts';
import { Projection } from '../main/projections/projection.ts';
import { startSpine, VERSION } from '../main/spine.ts';

const [dataFolder = '', rate = '10000'] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const spine = await startSpine({ env: { ...process.env }, dataFolder, host: 'headless', say: () => {} });
const { services } = spine;
const live = new LiveFlow((watched) => projection.setWatched(watched));
const projection: Projection = new Projection({
  file: join(dataFolder, 'firehose', 'lineage.sqlite'),
  threadEntry: new URL('./firehose-thread.ts', import.meta.url),
  // Read by the firehose as its events a second.
  stream: { name: rate, url: '', outside: false },
  bus: { streams: async () => [] },
  pool: services.database.intake,
  onDisk: services.database.onDisk,
  events: services.events,
  retentionMs: () => 86_400_000,
  onRefused: async (refused) => {
    throw new Error(`${refused.length} events were refused: ${refused[0]?.problem ?? ''}`);
  },
  onRead: ({ events, total }) => live.add(events ?? [], total),
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
  say(`fed ${projection.readSeq - before}, ${projection.readSeq - projection.lastSeq} not in SQLite`);
  before = projection.readSeq;
}, 1_000);
process.on('SIGTERM', () => {
  void (async () => {
    await host.close();
    await projection.stop();
    await spine.stop();
    process.exit(0);
  })();
});
