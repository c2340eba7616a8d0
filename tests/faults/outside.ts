/**
 * The outside world of a fault run: a webhook receiver that honours the Idempotency-Key (the effect happens the first time
 * that it takes a key) and keeps count, so that a repeated delivery and a repeated effect can be told apart.
 */
import { Receiver, type ReceivedMessage } from '../support/receiver.ts';
import type { Answer } from './scenario.ts';

interface Plan {
  readonly answer: Answer;
  readonly lateMs: number;
}
/** What has come under one key. */
export interface KeyRecord {
  readonly key: string;
  readonly correlationId: string;
  deliveries: number;
  /** Deliveries that were taken; with the key honoured, the first is the effect. */
  taken: number;
  /** The texts that came under the key: one, or a key was used for two messages. */
  readonly bodies: Set<string>;
}

export class Outside {
  readonly #receiver = new Receiver();
  readonly #plans = new Map<string, Plan>();
  readonly #keys = new Map<string, KeyRecord>();
  readonly #seen = new Set<string>();
  readonly #waiting = new Set<() => void>();
  /** Deliveries since the last `expect`. */
  #deliveries = 0;

  /** @returns the webhook's URL. */
  async start(): Promise<string> {
    this.#receiver.answer = (message) => this.#answer(message);
    return this.#receiver.start();
  }

  async stop(): Promise<void> {
    await this.#receiver.stop();
  }

  /** A run begins: forget the one before, count anew. */
  begin(): void {
    this.#deliveries = 0;
    this.#receiver.received.length = 0;
    for (const known of [this.#plans, this.#keys, this.#seen]) known.clear();
  }

  /** How to answer the message of a correlation. One that was not planned is refused. */
  plan(correlationId: string, plan: Plan): void {
    this.#plans.set(correlationId, plan);
  }

  /** Resolves with the delivery that is the nth of the run. */
  async delivered(n: number): Promise<void> {
    await this.#until(() => this.#deliveries >= n);
  }

  /** Resolves when each of these correlations has led to a message. */
  async seen(correlationIds: readonly string[]): Promise<void> {
    await this.#until(() => correlationIds.every((id) => this.#seen.has(id)));
  }

  /** The run's keys by correlation. */
  keys(): Map<string, KeyRecord[]> {
    return Map.groupBy(this.#keys.values(), ({ correlationId }) => correlationId);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  #answer({ idempotencyKey: key, body }: ReceivedMessage): { status: number; delayMs?: number } {
    const correlationId = String(body.correlationId);
    const record = this.#keys.get(key) ?? { key, correlationId, deliveries: 0, taken: 0, bodies: new Set<string>() };
    this.#keys.set(key, record);
    record.deliveries += 1;
    record.bodies.add(JSON.stringify(body));
    this.#deliveries += 1;
    this.#seen.add(correlationId);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    const plan = this.#plans.get(correlationId);
    if (!plan || plan.answer === 'refuses') return { status: 422 };
    if (plan.answer === 'fails-once' && record.deliveries === 1) return { status: 500 };
    record.taken += 1;
    return { status: 200, delayMs: plan.answer === 'takes-late' ? plan.lateMs : 0 };
  }
}
