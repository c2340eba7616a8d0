/**
 * Publishing with acknowledgement, many at a time: one inbox and one clock for all. (The client's own `publish` sets up a
 * subscription entry, a timer and two stack traces for each message, which costs more than all the rest of it.)
 */
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Msg, MsgHdrs, NatsConnection, Subscription } from './nats-api.ts';

/** How often waiting messages are looked through for those that are overdue, ms. */
const LOOK_MS = 250;

const Answer = z.union([
  z.object({ stream: z.string(), seq: z.number(), duplicate: z.boolean().optional() }),
  z.object({ error: z.object({ code: z.number(), err_code: z.number().optional(), description: z.string().optional() }) }),
]);

export interface StoredAt {
  readonly seq: number;
  readonly duplicate: boolean;
}

/** Why the bus has not stored a message. */
export class NotStored extends Error {
  override readonly name = 'NotStored';
  /** no-stream: nothing takes the subject (or JetStream is away); refused: the stream says no; timeout: no answer. */
  readonly why: 'no-stream' | 'refused' | 'timeout' | 'closed';
  constructor(why: NotStored['why'], message: string) {
    super(message);
    this.why = why;
  }
}

interface Waiting {
  readonly resolve: (stored: StoredAt) => void;
  readonly reject: (error: NotStored) => void;
  /** By the monotonic clock: the host's may be set back. */
  readonly untilMs: number;
}

export class Publisher {
  readonly #connection: NatsConnection;
  readonly #inbox = `_INBOX.${randomUUID()}`;
  readonly #waiting = new Map<string, Waiting>();
  readonly #answers: Subscription;
  readonly #clock: NodeJS.Timeout;
  #next = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    this.#answers = connection.subscribe(`${this.#inbox}.*`, { callback: (error, message) => void (error ?? this.#answered(message)) });
    this.#clock = setInterval(() => this.#giveUpOverdue(), LOOK_MS);
    this.#clock.unref();
  }

  /** Resolves once the stream has stored the message. @throws NotStored */
  publish(subject: string, body: string, headers: MsgHdrs, timeoutMs: number): Promise<StoredAt> {
    return new Promise((resolve, reject) => {
      const reply = `${this.#inbox}.${(this.#next += 1)}`;
      this.#waiting.set(reply, { resolve, reject, untilMs: performance.now() + timeoutMs });
      try {
        this.#connection.publish(subject, body, { reply, headers });
      } catch (cause) {
        this.#waiting.delete(reply);
        reject(new NotStored('closed', cause instanceof Error ? cause.message : String(cause)));
      }
    });
  }

  close(): void {
    clearInterval(this.#clock);
    this.#answers.unsubscribe();
    for (const { reject } of this.#waiting.values()) reject(new NotStored('closed', 'the connection was closed'));
    this.#waiting.clear();
  }

  #answered(message: Msg): void {
    const waiting = this.#waiting.get(message.subject);
    if (!waiting) return;
    this.#waiting.delete(message.subject);
    if (message.data.length === 0 && message.headers?.code === 503) {
      waiting.reject(new NotStored('no-stream', 'no responders'));
      return;
    }
    const answer = Answer.safeParse(message.json());
    if (!answer.success) waiting.reject(new NotStored('refused', 'an answer that is none of JetStream'));
    else if ('error' in answer.data) waiting.reject(new NotStored('refused', answer.data.error.description ?? `error ${answer.data.error.code}`));
    else waiting.resolve({ seq: answer.data.seq, duplicate: answer.data.duplicate === true });
  }

  #giveUpOverdue(): void {
    const now = performance.now();
    // In the order of publishing, which is nearly the order of falling due.
    for (const [reply, { untilMs, reject }] of this.#waiting) {
      if (untilMs > now) continue;
      this.#waiting.delete(reply);
      reject(new NotStored('timeout', 'timeout'));
    }
  }
}
