/** MessagePortMain and MessageChannelMain over Node's own ports. */
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

export class MessagePortMain extends EventEmitter {
  readonly raw: MessagePort;

  constructor(raw: MessagePort) {
    super();
    this.raw = raw;
    raw.on('close', () => this.emit('close'));
  }

  postMessage(data: unknown): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    this.raw.postMessage(data);
  }

  /** Messages wait until this is called, as in Electron. */
  start(): void {
    this.raw.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
  }

  close(): void {
    this.raw.close();
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new MessagePortMain(port1);
    this.port2 = new MessagePortMain(port2);
  }
}

/** Carries the far ends of ports over a wire that knows only messages. Both ends of such a wire have one. */
export class PortBridge {
  readonly #ports = new Map<number, MessagePortMain>();
  readonly #send: (message: { port: number; data: unknown } | { closed: number }) => void;
  #next = 0;

  constructor(send: (message: { port: number; data: unknown } | { closed: number }) => void) {
    this.#send = send;
  }

  /** Take a port over; what arrives at it goes to the wire. @returns its number there. */
  carry(port: MessagePortMain, number = (this.#next += 1)): number {
    this.#ports.set(number, port);
    port.on('message', ({ data }: { data: unknown }) => this.#send({ port: number, data }));
    port.on('close', () => {
      if (this.#ports.delete(number)) this.#send({ closed: number });
    });
    port.start();
    return number;
  }

  /** From the wire. */
  arrived(number: number, data: unknown): void {
    this.#ports.get(number)?.postMessage(data);
  }

  /** The far end closed one, or all of them: it is gone. */
  closed(number?: number): void {
    for (const [key, port] of this.#ports) {
      if (number !== undefined && number !== key) continue;
      this.#ports.delete(key);
      port.close();
    }
  }
}
