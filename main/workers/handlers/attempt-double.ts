/** An attempt for handler tests: records what a handler brings about, without servers. */
import type { Sql } from '../../database/database.ts';
import type { AttemptContext } from '../handler.ts';

export interface AttemptDouble<Input> extends AttemptContext<Input> {
  readonly emitted: { readonly eventType: string; readonly data: Record<string, unknown> }[];
  readonly emittedIfFailed: { readonly eventType: string; readonly data: Record<string, unknown> }[];
  readonly handedOn: { readonly jobType: string; readonly input: Record<string, unknown>; readonly key: string }[];
  readonly writes: ((tx: Sql) => Promise<void>)[];
  /** Results of `once`, by key; fill it to play a repeated attempt. */
  readonly recorded: Map<string, unknown>;
}

const noSql: Sql = { query: () => Promise.reject(new Error('this test has no database')) };

export function attemptDouble<Input>(jobType: string, input: Input, given: { sql?: Sql; signal?: AbortSignal; recorded?: Map<string, unknown> } = {}): AttemptDouble<Input> {
  const emitted: AttemptDouble<Input>['emitted'] = [];
  const emittedIfFailed: AttemptDouble<Input>['emittedIfFailed'] = [];
  const handedOn: AttemptDouble<Input>['handedOn'] = [];
  const writes: AttemptDouble<Input>['writes'] = [];
  const recorded = given.recorded ?? new Map<string, unknown>();
  return {
    job: { id: '6f1b8a52-3c0e-5f6e-9a55-0d1f3f1c2b11', type: jobType, attempt: 1, lastAttempt: false, correlationId: '0d9f8c0e-46c1-4b1c-9df4-6d4ad1f6a001', triggeringEventId: '0d9f8c0e-46c1-4b1c-9df4-6d4ad1f6a002' },
    input,
    idempotencyKey: 'c0ffee00-0000-5000-8000-000000000000',
    signal: given.signal ?? AbortSignal.timeout(10_000),
    sql: given.sql ?? noSql,
    emitted, emittedIfFailed, handedOn, writes, recorded,
    emit: (eventType, data) => void emitted.push({ eventType, data }),
    emitIfFailed: (eventType, data) => void emittedIfFailed.push({ eventType, data }),
    handOn: (type, handedInput, key) => void handedOn.push({ jobType: type, input: handedInput, key }),
    async once<Result>(key: string, effect: () => Promise<Result>): Promise<Result> {
      if (!recorded.has(key)) recorded.set(key, await effect());
      return recorded.get(key) as Result;
    },
    atFinish: (write) => void writes.push(write),
    progress: () => {},
  };
}
