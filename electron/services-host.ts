/**
 * Runs the services in a utility process: starts it, starts it again when it dies, stops it in order.
 *
 *   starting ──ready──► running ──died──► restarting ──► (starting again, for as long as it takes)
 *       └──a wrong setting, or died again and again before it ever ran──► failed, until a person has looked
 */
import { type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { messageOf } from '../shared/errors.ts';
import type { FromServices, ToServices } from './channels.ts';
import type { ShellLog } from './shell-log.ts';

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 30_000;
/** Services that ran this long were healthy: a later crash begins again with the shortest wait. */
const HEALTHY_AFTER_MS = 30_000;
/** Starts in a row that may die without a word before a person must look, if none ever succeeded. */
const TRIES = 5;
/** The services end within this beyond their drain when asked, or are killed, ms. */
const STOP_WITHIN_MS = 5_000;

export type ServicesState =
  | { readonly phase: 'starting' | 'running' }
  | { readonly phase: 'restarting'; readonly message: string; readonly failures: number; readonly nextTryMs: number }
  | { readonly phase: 'failed'; readonly message: string };

export type StartWith = Omit<Extract<ToServices, { type: 'start' }>, 'type'>;

export interface ServicesHostOptions {
  /** The built entry of the services. */
  readonly entry: string;
  /** Asked before each start. */
  readonly startWith: () => Promise<StartWith>;
  /** `running`: they answer now; every port from before is dead. */
  readonly onState: (state: ServicesState) => void;
  readonly log: ShellLog;
}

export class ServicesHost {
  readonly #options: ServicesHostOptions;
  #child: UtilityProcess | null = null;
  /** When the running process became ready, by the monotonic clock; null before that. */
  #readySince: number | null = null;
  #wasReady = false;
  /** Ends and failed starts in a row. */
  #failures = 0;
  #lastWords: Extract<FromServices, { type: 'failed' }> | null = null;
  #restart: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | null = null;
  dataFolder: string | null = null;

  constructor(options: ServicesHostOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#readySince !== null;
  }

  /** Start them; also again after they were given up. Does nothing while they run or are about to. */
  start(): void {
    if (this.#child || this.#stopping) return;
    clearTimeout(this.#restart);
    if (!this.#wasReady) this.#failures = 0;
    this.#options.onState({ phase: 'starting' });
    void this.#launch();
  }

  /** Try no more, until `start`. @returns false if they run: then nothing is done. */
  leaveAlone(): boolean {
    if (this.ready) return false;
    clearTimeout(this.#restart);
    const child = this.#child;
    this.#child = null;
    this.#wasReady = false;
    child?.removeAllListeners('exit');
    child?.kill();
    return true;
  }

  /** Hand one end of a channel to the services. Call only when ready. */
  connect(peer: 'console' | 'shell', port: MessagePortMain): void {
    this.#tell({ type: 'connect', peer }, [port]);
  }

  /** Ask them to stop in order, running jobs first for `drainMs`; those that do not are killed. A second, shorter call hurries the first. */
  stop(drainMs: number | null = null): Promise<void> {
    if (this.#stopping && drainMs === null) this.#hurry();
    return (this.#stopping ??= this.#stop(drainMs));
  }

  #hurry: () => void = () => undefined;

  async #stop(drainMs: number | null): Promise<void> {
    clearTimeout(this.#restart);
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const kill = (): void => {
        // `child.kill()` is a request that the services answer by stopping in order, which is what they failed to do.
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
        resolve();
      };
      let deadline = setTimeout(kill, STOP_WITHIN_MS + (drainMs ?? 0));
      this.#hurry = () => {
        clearTimeout(deadline);
        deadline = setTimeout(kill, STOP_WITHIN_MS);
        this.#tell({ type: 'stop', drainMs: null });
      };
      child.once('exit', () => {
        clearTimeout(deadline);
        resolve();
      });
      this.#tell({ type: 'stop', drainMs });
    });
  }

  async #launch(): Promise<void> {
    const { entry, startWith, log } = this.#options;
    let start: StartWith;
    try {
      start = await startWith();
    } catch (error) {
      this.#options.onState({ phase: 'failed', message: messageOf(error) });
      return;
    }
    if (this.#stopping || this.#child) return;
    const child = utilityProcess.fork(entry, [], { serviceName: 'Spine services', stdio: 'pipe' });
    this.#child = child;
    this.#lastWords = null;
    // A crash says why on its way out, and in a packaged app nobody sees the terminal.
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => log.output(chunk));
    child.on('message', (message: FromServices) => this.#hear(message));
    child.once('exit', (code) => this.#ended(code));
    this.#tell({ type: 'start', ...start });
  }

  #tell(message: ToServices, ports: MessagePortMain[] = []): void {
    this.#child?.postMessage(message, ports);
  }

  #hear(message: FromServices): void {
    if (message.type === 'failed') {
      this.#lastWords = message;
      return;
    }
    this.#readySince = performance.now();
    this.#wasReady = true;
    this.dataFolder = message.dataFolder;
    if (!this.#stopping) this.#options.onState({ phase: 'running' });
  }

  #ended(code: number): void {
    const ranMs = this.#readySince === null ? 0 : performance.now() - this.#readySince;
    this.#child = null;
    this.#readySince = null;
    if (this.#stopping) return;
    this.#failures = ranMs > HEALTHY_AFTER_MS ? 1 : this.#failures + 1;
    const words = this.#lastWords;
    const message = words?.message ?? `The services ended with code ${code}. logs/spine.log in the data folder, and services-output.log of the app, say more.`;
    this.#options.log.warn(`the services ended with code ${code} after ${Math.round(ranMs)} ms`, { failures: this.#failures, lastWords: words?.message ?? null });
    // What a wrong setting broke stays broken; what never ran and gives no reason will hardly run by itself.
    const hopeless = words === null ? !this.#wasReady && this.#failures > TRIES : !words.mayPass;
    if (hopeless) {
      this.#options.onState({ phase: 'failed', message });
      return;
    }
    const delayMs = restartDelay(this.#failures);
    this.#options.onState({ phase: 'restarting', message, failures: this.#failures, nextTryMs: Date.now() + delayMs });
    this.#restart = setTimeout(() => void this.#launch(), delayMs);
  }
}

/** Wait before the n-th start in a row, ms. */
export function restartDelay(failures: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(10, failures - 1));
}
