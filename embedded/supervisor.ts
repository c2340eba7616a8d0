/**
 * Life of one child process: start it, see that it answers, start it again when it dies, stop it in order.
 * Knows nothing of NATS or Postgres; the two hand in a ServerSpec.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { SpineError, UnavailableError, messageOf } from '../shared/errors.ts';

/**
 * starting    first start, not answering yet
 * running     answered its readiness check
 * restarting  died on its own; being started again, for as long as it takes
 * stopped     stop() was called and the process is gone
 * failed      the first start gave up; nothing runs
 */
export type ServerState = 'starting' | 'running' | 'restarting' | 'stopped' | 'failed';

/** One line for the site's log. `fields` are plain JSON values. Never holds a secret. */
export interface EmbeddedLogEntry {
  level: 'info' | 'warn' | 'error';
  component: 'nats' | 'postgres';
  message: string;
  fields?: Record<string, string | number | boolean | null>;
}
export type EmbeddedLog = (entry: EmbeddedLogEntry) => void;

/** What the supervisor must know of a server. All times in milliseconds. */
export interface ServerSpec {
  component: EmbeddedLogEntry['component'];
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Unprivileged user to run as; only root can ask for it. */
  runAs?: { uid: number; gid: number } | undefined;
  /** Tried again and again until it resolves. A SpineError thrown here ends the start at once: waiting would not help. */
  answers: () => Promise<void>;
  answerLimitMs: number;
  /** Sent one after the other, each with its time to work; SIGKILL follows the last. */
  stopLadder: readonly { signal: NodeJS.Signals; waitMs: number }[];
  /** Tries of the first start before it counts as failed. Restarts after that are never given up. */
  firstStartTries: number;
  /** Runs before each start, e.g. to remove what a killed predecessor left. */
  beforeStart?: () => Promise<void>;
  /** Last lines of the server's own log file, for error messages (both servers log to a file, not to stderr). */
  logTail: () => string;
  log: EmbeddedLog;
}

const FIRST_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 5_000;
/** A server that ran this long is healthy again: the next death starts at the shortest pause. */
const STABLE_AFTER_MS = 30_000;
const POLL_MS = 20;
const KEPT_LINES = 40;

/** Pause before start number `failures + 1`, in ms: 100, 200, 400 … 5000. */
export function backoffMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures, 10));
}

/**
 * Starts a server and keeps it alive until stop().
 * @throws UnavailableError when it can't be started, with its last words
 * @throws the SpineError of `answers` or `beforeStart`, as it is
 */
export async function supervise(spec: ServerSpec): Promise<SupervisedServer> {
  const server = new SupervisedServer(spec);
  await server.start();
  return server;
}

/** Our own settings, passwords among them, are no business of a server and would stand in its /proc/<pid>/environ. */
function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SPINE_')));
}

interface Launched {
  child: ChildProcess;
  /** Resolves with words such as "exited with code 1" once the process is gone or could not be spawned. */
  gone: Promise<string>;
  isGone: boolean;
}

export class SupervisedServer {
  readonly #spec: ServerSpec;
  readonly #listeners = new Set<(state: ServerState) => void>();
  readonly #stopping = new AbortController();
  #state: ServerState = 'starting';
  #launched: Launched | null = null;
  #output: string[] = [];
  #failures = 0;
  #recovery: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  constructor(spec: ServerSpec) {
    this.#spec = spec;
  }

  state(): ServerState {
    return this.#state;
  }

  /** Process id of the server, or null while none runs. */
  pid(): number | null {
    return this.#launched === null || this.#launched.isGone ? null : (this.#launched.child.pid ?? null);
  }

  /** Calls `listener` with each new state; the answer unsubscribes. */
  onStateChange(listener: (state: ServerState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** First start; called once, by supervise(). */
  async start(): Promise<void> {
    process.once('exit', this.#endWithParent);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#launch();
      } catch (error) {
        const isLast = attempt >= this.#spec.firstStartTries || error instanceof SpineError || this.#stopping.signal.aborted;
        if (!isLast) {
          await this.#pause(backoffMs(attempt - 1));
          continue;
        }
        process.removeListener('exit', this.#endWithParent);
        this.#setState('failed');
        if (error instanceof SpineError) throw error;
        throw new UnavailableError(`embedded ${this.#spec.component}`, `could not be started: ${messageOf(error)}${this.#lastWords()}`,
          'Look into its log file, or use an outside server.', { cause: error });
      }
    }
  }

  /** Stops the server and resolves when its process is gone. Safe to call again, and in every state. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stopOnce();
    return this.#stopped;
  }

  async #stopOnce(): Promise<void> {
    this.#stopping.abort();
    if (this.#launched !== null) await this.#end(this.#launched);
    await this.#recovery;
    process.removeListener('exit', this.#endWithParent);
    if (this.#state !== 'failed') this.#setState('stopped');
  }

  /** process.exit() without stop(): the least we can do synchronously is to ask the server to leave too. */
  readonly #endWithParent = (): void => {
    const pid = this.pid();
    const signal = this.#spec.stopLadder[0]?.signal ?? 'SIGTERM';
    if (pid === null) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone already: that is what we want.
    }
  };

  /** Spawns the server and waits until it answers; on failure nothing is left running. */
  async #launch(): Promise<void> {
    await this.#spec.beforeStart?.();
    if (this.#stopping.signal.aborted) throw new Error('stopped while starting');
    this.#output = [];
    const launched = this.#spawn();
    this.#launched = launched;
    try {
      await this.#untilItAnswers(launched);
    } catch (error) {
      await this.#end(launched);
      throw error;
    }
    // By the monotonic clock: the host's may be set back.
    const runningSinceMs = performance.now();
    this.#setState('running');
    void launched.gone.then((reason) => {
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - runningSinceMs >= STABLE_AFTER_MS) this.#failures = 0;
      this.#recovery = this.#recover(reason);
    });
  }

  #spawn(): Launched {
    const { command, args, cwd, env, runAs } = this.#spec;
    // detached: a process group of its own, so that a terminal's Ctrl-C reaches us alone and we stop the servers in order.
    const child = spawn(command, args, { cwd, env: withoutSecrets(env), detached: true, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'], ...runAs });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = [...this.#output, ...text.split('\n').filter((line) => line.trim() !== '')].slice(-KEPT_LINES);
      });
    }
    const launched: Launched = { child, isGone: false, gone: Promise.resolve('') };
    launched.gone = new Promise((resolve) => {
      const leave = (reason: string): void => {
        launched.isGone = true;
        resolve(reason);
      };
      // A spawned child also emits 'error' when a signal can't be sent to it: then it is not gone.
      child.on('error', (error) => child.pid === undefined && leave(error.message));
      child.once('exit', (code, signal) => leave(signal === null ? `exited with code ${code ?? 'unknown'}` : `was ended by ${signal}`));
    });
    return launched;
  }

  async #untilItAnswers(launched: Launched): Promise<void> {
    const deadlineMs = performance.now() + this.#spec.answerLimitMs;
    for (;;) {
      let problem: unknown;
      try {
        await this.#spec.answers();
        if (!launched.isGone) return;
      } catch (error) {
        if (error instanceof SpineError) throw error;
        problem = error;
      }
      if (launched.isGone) throw new Error(`the process ${await launched.gone}`);
      if (this.#stopping.signal.aborted) throw new Error('stopped while starting');
      if (performance.now() > deadlineMs) throw new Error(`no answer within ${this.#spec.answerLimitMs} ms: ${messageOf(problem)}`);
      await this.#pause(POLL_MS);
    }
  }

  /** Starts the server again and again until it runs or stop() is called. */
  async #recover(reason: string): Promise<void> {
    const { log, component } = this.#spec;
    this.#setState('restarting');
    log({ level: 'error', component, message: `${component} ${reason}; starting it again${this.#lastWords()}` });
    while (!this.#stopping.signal.aborted) {
      await this.#pause(backoffMs(this.#failures));
      this.#failures += 1;
      try {
        await this.#launch();
        log({ level: 'info', component, message: `${component} runs again`, fields: { pid: this.pid() } });
        return;
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        log({ level: 'error', component, message: `${component} could not be started again: ${messageOf(error)}${this.#lastWords()}`, fields: { tries: this.#failures } });
      }
    }
  }

  /** Climbs the stop ladder until the process is gone. */
  async #end(launched: Launched): Promise<void> {
    for (const { signal, waitMs } of [...this.#spec.stopLadder, { signal: 'SIGKILL' as const, waitMs: 2_000 }]) {
      if (launched.isGone) return;
      launched.child.kill(signal);
      const waiting = new AbortController();
      await Promise.race([launched.gone, delay(waitMs, undefined, { signal: waiting.signal }).catch(() => undefined)]);
      waiting.abort();
    }
  }

  #setState(state: ServerState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }

  #lastWords(): string {
    const words = [this.#spec.logTail(), ...this.#output].filter((text) => text !== '').join('\n');
    return words === '' ? '' : `\nIts last words:\n${words}`;
  }

  /** Ends early when stop() is called; callers look at the signal themselves. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
