/**
 * The one small interface behind which every handler lives, built-in or plugin.
 *
 * What an attempt brings about is collected and committed in one transaction when the handler returns: emitted events,
 * jobs handed on, rows written by `atFinish`. A handler that throws has brought about nothing but its `once` effects and
 * what it gave to `emitIfFailed`.
 */
import type { Phrase } from '../../shared/i18n/translate.ts';
import type { Sql } from '../database/database.ts';

export interface AttemptContext<Input = unknown> {
  readonly job: {
    readonly id: string;
    readonly type: string;
    /** 1 for the first. */
    readonly attempt: number;
    /** Should this attempt fail, there will be no other. */
    readonly lastAttempt: boolean;
    readonly correlationId: string;
    readonly triggeringEventId: string;
  };
  readonly input: Input;
  /** Send it along to outside systems: the same for every attempt and every redrive of this job. */
  readonly idempotencyKey: string;
  /** Aborted on timeout and on shutdown. Pass it to fetch and timers. */
  readonly signal: AbortSignal;
  /** Reads; writes belong into `atFinish`. */
  readonly sql: Sql;
  /** Publish an event once the job is finished. @throws NotRetryableError if it does not fit its catalogue entry. */
  emit(eventType: string, data: Record<string, unknown>, options?: { source?: string }): void;
  /** Publish an event should this attempt fail, together with the record of its failure. @throws NotRetryableError as `emit` does. */
  emitIfFailed(eventType: string, data: Record<string, unknown>, options?: { source?: string }): void;
  /** Hand work on to another job. `key` tells several of one type apart; the same key hands on the same job. */
  handOn(jobType: string, input: Record<string, unknown>, key: string): void;
  /**
   * Do something outside once. Its result is recorded as soon as it is there, and a later attempt gets the record instead.
   * Dying between `effect` and the record does it again, with the same idempotency key: may happen twice outside
   * unless the other side honours the key.
   */
  once<Result>(key: string, effect: () => Promise<Result>): Promise<Result>;
  /** Write rows in the transaction that finishes the job. `emit` and `handOn` work in it too. */
  atFinish(write: (tx: Sql) => Promise<void>): void;
  /** How far it is, 0 to 1, for the console. */
  progress(share: number, note?: string | Phrase): void;
}

export type Handler<Input = unknown> = (attempt: AttemptContext<Input>) => Promise<void>;
