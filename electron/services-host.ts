/** Runs the services in a utility process: starts it, starts it again when it dies, stops it in order. */
import { type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import type { FromServices, ToServices } from './channels.ts';

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
/** Services that ran this long were healthy: a later crash begins again with the shortest wait. */
const HEALTHY_AFTER_MS = 30_000;
/** Starts in a row that may fail before a person must look. */
const TRIES = 5;
/** The services end within this when asked, or are killed, ms. */
const STOP_WITHIN_MS = 5_000;

export interface ServicesHostOptions {
  /** The built entry of the services. */
  readonly entry: string;
  readonly demo: boolean;
  readonly resourcesBin: string | null;
  /** They answer now; every port from before is dead. */
  readonly onReady: () => void;
  /** They can't be started; `message` is for a person. Nothing is tried any more. */
  readonly onGivenUp: (message: string) => void;
}

export class ServicesHost {
  readonly #options: ServicesHostOptions;
  #child: UtilityProcess | null = null;
  /** When the running process became ready; null before that. */
  #readySince: number | null = null;
  #wasReady = false;
  /** Crashes and failed starts in a row. */
  #failures = 0;
  #lastWords: string | null = null;
  #restart: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | null = null;

  constructor(options: ServicesHostOptions) {
    this.#options = options;
  }

  get ready(): boolean {
    return this.#readySince !== null;
  }

  start(): void {
    const { entry, demo, resourcesBin } = this.#options;
    const child = utilityProcess.fork(entry, [], { serviceName: 'Spine services', stdio: 'inherit' });
    this.#child = child;
    this.#lastWords = null;
    child.on('message', (message: FromServices) => this.#hear(message));
    child.once('exit', (code) => this.#ended(code));
    this.#tell({ type: 'start', demo, resourcesBin });
  }

  /** Hand one end of a channel to the services. Call only when ready. */
  connect(port: MessagePortMain): void {
    this.#tell({ type: 'connect' }, [port]);
  }

  /** Ask them to stop in order; those that do not are killed. Safe to call twice. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#restart);
    const child = this.#child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(() => {
        // `child.kill()` is a request that the services answer by stopping in order, which is what they failed to do.
        if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
        resolve();
      }, STOP_WITHIN_MS);
      child.once('exit', () => {
        clearTimeout(deadline);
        resolve();
      });
      this.#tell({ type: 'stop' });
    });
  }

  #tell(message: ToServices, ports: MessagePortMain[] = []): void {
    this.#child?.postMessage(message, ports);
  }

  #hear(message: FromServices): void {
    if (message.type === 'failed') {
      this.#lastWords = message.message;
      return;
    }
    this.#readySince = Date.now();
    this.#wasReady = true;
    if (!this.#stopping) this.#options.onReady();
  }

  #ended(code: number): void {
    const ranMs = this.#readySince === null ? 0 : Date.now() - this.#readySince;
    this.#child = null;
    this.#readySince = null;
    if (this.#stopping) return;
    this.#failures = ranMs > HEALTHY_AFTER_MS ? 1 : this.#failures + 1;
    // A first start that says why it failed (a wrong setting, a folder in use) will not do better the next time.
    const hopeless = this.#lastWords !== null && !this.#wasReady;
    if (hopeless || this.#failures > TRIES) {
      this.#options.onGivenUp(this.#lastWords ?? `The services ended ${this.#failures} times in a row, the last time with code ${code}. logs/spine.log in the data folder says more.`);
      return;
    }
    this.#restart = setTimeout(() => this.start(), restartDelay(this.#failures));
  }
}

/** Wait before the n-th start in a row, ms. */
function restartDelay(failures: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1));
}
