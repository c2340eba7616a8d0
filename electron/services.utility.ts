/**
 * The services in the desktop app's utility process. Starts a site when main says so, and answers the operator API on the
 * ports of the page and of the shell. Main decides when it ends.
 */
import type { MessagePortMain } from 'electron';
import { RPCHandler } from '@orpc/server/message-port';
import { dataFolderPath } from '../embedded/data-folder.ts';
import { CreditBook } from '../main/operator-api/credits.ts';
import { router } from '../main/operator-api/router.ts';
import { setDemo } from '../main/operator-api/steering.ts';
import { type Spine, startSpine } from '../main/spine.ts';
import { ConfigError, ConflictError, wordsOf } from '../shared/errors.ts';
import type { FromServices, ToServices } from './channels.ts';

/** Who acts, for the audit: the console's window, or the tray and menu of the app. */
const OPERATORS = { console: 'console', shell: 'desktop tray' } as const;
const rpc = new RPCHandler(router);

/** Set once, by `start`. */
let starting: Promise<Spine> | null = null;
/** The port of each peer. There is one window and one shell, so a new port replaces the one before. */
const current = new Map<keyof typeof OPERATORS, MessagePortMain>();

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- the other end is main, not a window
const tell = (message: FromServices): void => process.parentPort.postMessage(message);

async function start({ demo, resourcesBin, dataFolder, secrets }: Extract<ToServices, { type: 'start' }>): Promise<void> {
  const env = { ...process.env, ...secrets };
  starting = startSpine({
    env,
    dataFolder: dataFolder ?? dataFolderPath(env),
    host: 'desktop',
    ...(resourcesBin === null ? {} : { resourcesBin }),
    say: (line) => void process.stdout.write(`${line}\n`),
  });
  try {
    const { services, folder } = await starting;
    if (demo) await setDemo({ services, operator: 'start --demo', credits: new CreditBook() }, true);
    tell({ type: 'ready', dataFolder: folder.root });
  } catch (error) {
    tell({ type: 'failed', message: wordsOf(error), mayPass: !(error instanceof ConfigError || error instanceof ConflictError) });
    await endAfterMail(1);
  }
}

async function connect(peer: keyof typeof OPERATORS, port: MessagePortMain): Promise<void> {
  const spine = await starting;
  if (!spine) return;
  // A page that reloaded or asks again has forgotten its old port; closing it ends the streams that it had open.
  current.get(peer)?.close();
  current.set(peer, port);
  // One credit book a connection: the streams of a page that is gone can't be fed by the next one.
  rpc.upgrade(port, { context: { services: spine.services, operator: OPERATORS[peer], credits: new CreditBook() } });
  port.start();
}

const closePorts = (): void => current.forEach((port) => port.close());

let stopping: Promise<void> | null = null;
/** With a drain, the console goes on showing what still runs. A second call without one ends the drain. */
function stop(drainMs: number | null): Promise<void> {
  if (stopping && drainMs === null) void starting?.then((spine) => spine.stop());
  return (stopping ??= (async () => {
    // Stop asked for while the site still starts: finish the start, then stop in order.
    const spine = await starting?.catch(() => null);
    if (drainMs === null) closePorts();
    await spine?.stop(drainMs === null ? {} : { drainMs });
    closePorts();
    await endAfterMail(0);
  })());
}

/** A message that was posted just now leaves the process with the next turns of the loop. */
async function endAfterMail(code: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.exit(code);
}

process.parentPort.on('message', ({ data, ports }) => {
  const message = data as ToServices;
  if (message.type === 'start') void start(message);
  else if (message.type === 'stop') void stop(message.drainMs);
  else if (ports[0]) void connect(message.peer, ports[0]);
});

process.on('SIGTERM', () => void stop(null));
// A terminal sends these to the whole group of processes. Main gets them too, and asks for a stop in order.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
