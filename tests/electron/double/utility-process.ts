/** utilityProcess: a real child process that has `process.parentPort`, so that killing it is really killing it. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { type MessagePortMain, PortBridge } from './ports.ts';
import { report } from './report.ts';

/** What crosses between the two, both ways. */
export type Crossing =
  | { readonly data: unknown; readonly ports: readonly number[] }
  | { readonly port: number; readonly data: unknown }
  | { readonly closed: number };

interface ForkOptions {
  readonly serviceName?: string;
  readonly stdio?: 'inherit' | 'pipe';
}

class UtilityProcess extends EventEmitter {
  readonly #child: ChildProcess;
  readonly #bridge: PortBridge;

  readonly stdout;
  readonly stderr;

  constructor(entry: string, args: readonly string[], { serviceName = '', stdio = 'inherit' }: ForkOptions) {
    super();
    const child = fork(join(import.meta.dirname, 'utility-child.ts'), [entry, ...args], { serialization: 'advanced', execArgv: [], stdio: ['ignore', stdio, stdio, 'ipc'] });
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.#child = child;
    this.#bridge = new PortBridge((message) => this.#send(message));
    child.on('spawn', () => {
      if (serviceName === 'Spine services') report({ what: 'services', pid: child.pid ?? 0 });
      this.emit('spawn');
    });
    child.on('message', (message: Crossing) => {
      if ('closed' in message) this.#bridge.closed(message.closed);
      else if ('port' in message) this.#bridge.arrived(message.port, message.data);
      else this.emit('message', message.data);
    });
    child.on('exit', (code) => {
      this.#bridge.closed();
      this.emit('exit', code ?? 1);
    });
    running.add(child);
    child.on('exit', () => running.delete(child));
  }

  get pid(): number | undefined {
    return this.#child.exitCode === null && this.#child.signalCode === null ? this.#child.pid : undefined;
  }

  postMessage(data: unknown, ports: readonly MessagePortMain[] = []): void {
    this.#send({ data, ports: ports.map((port) => this.#bridge.carry(port)) });
  }

  kill(): boolean {
    return this.#child.kill('SIGTERM');
  }

  #send(message: Crossing): void {
    if (this.#child.connected) this.#child.send(message);
  }
}

const running = new Set<ChildProcess>();

export const utilityProcess = {
  fork: (entry: string, args: readonly string[] = [], options: ForkOptions = {}) => new UtilityProcess(entry, args, options),
};

/** Utility processes do not outlive the app. */
export function endUtilityProcesses(): void {
  for (const child of running) child.kill('SIGKILL');
}
