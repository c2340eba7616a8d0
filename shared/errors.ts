/**
 * The errors of the house: few classes, each with fields. Whether to retry is decided by class, never by message text.
 *
 *   SpineError ─┬─ ConfigError        a setting is wrong; names it and what was expected
 *               ├─ UnavailableError   an outside part (server, port, file) can't be had right now
 *               ├─ NotFoundError      an id that names nothing
 *               ├─ ConflictError      the thing is no longer in the state the action needs
 *               ├─ ForbiddenError     the caller's role does not allow it
 *               └─ JobError ─┬─ RetryableError     try again with backoff
 *                            ├─ NotRetryableError  straight to the dead letters
 *                            ├─ RateLimitedError   try again, not before retryAfterMs
 *                            └─ CancelledError     stopped by an operator or by shutdown
 */
import { message, type Phrase, type Words, words } from './i18n/translate.ts';

export class SpineError extends Error {
  /** Stable, machine-readable name of the failure, e.g. `config_invalid`. */
  readonly code: string;
  /** The message as the console says it in its reader's language; null if it is English only. */
  readonly words: Words | null;
  constructor(code: string, message: string | Words, options?: { cause?: unknown }) {
    super(typeof message === 'string' ? message : message.text, options);
    this.name = new.target.name;
    this.code = code;
    this.words = typeof message === 'string' ? null : message;
  }
}

/** A setting is missing or wrong. `setting` is the path as the user writes it (`SPINE_NATS_URL`, `channels.crm.url`). */
export class ConfigError extends SpineError {
  readonly setting: string;
  /** What would have been right, as a phrase: "a URL such as nats://127.0.0.1:4222". */
  readonly expected: string;
  constructor(setting: string, problem: string, expected: string, options?: { cause?: unknown }) {
    super('config_invalid', `${setting}: ${problem}. Expected ${expected}.`, options);
    this.setting = setting;
    this.expected = expected;
  }
}

/** Something outside this process can't be used right now. `what` names it, `remedy` says what the reader can do. */
export class UnavailableError extends SpineError {
  readonly what: string;
  readonly remedy: string;
  constructor(what: string, problem: string, remedy: string, options?: { cause?: unknown }) {
    super('unavailable', `${what}: ${problem}. ${remedy}`, options);
    this.what = what;
    this.remedy = remedy;
  }
}

/** What ids name. */
export const KINDS = [
  message('access token'), message('dead letter'), message('discard'), message('event'), message('failure family'), message('job'), message('job type'), message('queue'), message('redrive'), message('replay'),
  message('schedule'), message('set-aside message'), message('trace'), message('rule'), message('connector'), message('entity'), message('version of an entity'), message('stream'), message('message'),
] as const;

/** An id that names nothing we keep. */
export class NotFoundError extends SpineError {
  readonly kind: string;
  readonly id: string;
  constructor(kind: string, id: string) {
    super('not_found', words('There is no {kind} with the id {id}.', { kind: words(kind), id }));
    this.kind = kind;
    this.id = id;
  }
}

/** The thing exists but is not in the state that the action needs (already redriven, already running, …). */
export class ConflictError extends SpineError {
  constructor(message: string | Words, options?: { cause?: unknown }) {
    super('conflict', message, options);
  }
}

/** The caller's role does not allow it. */
export class ForbiddenError extends SpineError {
  /** The least role that may. */
  readonly needed: string;
  constructor(needed: string, held: string, why: Phrase | null = null) {
    super(
      'forbidden',
      why === null
        ? words('This needs the role {needed}, and yours is {held}. Ask an admin for a token with that role.', { needed, held })
        : words('{why} This needs the role {needed}, and yours is {held}. Ask an admin for a token with that role.', { why, needed, held }),
    );
    this.needed = needed;
  }
}

/** Base of the errors by which a handler tells the pipeline what to do with the attempt. */
export class JobError extends SpineError {}

/** The attempt failed for a reason that may pass. Any error that is not a JobError is treated like this one. */
export class RetryableError extends JobError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('retryable', message, options);
  }
}

/** Running it again can't help (bad input, missing setting, refused by the other side): straight to the dead letters. */
export class NotRetryableError extends JobError {
  constructor(message: string, options?: { cause?: unknown; code?: string }) {
    super(options?.code ?? 'not_retryable', message, options);
  }
}

/** A job type's channel, gateway or endpoint is not configured. The handler never pretends; it fails with this. */
export class MissingSettingError extends NotRetryableError {
  readonly setting: string;
  constructor(setting: string, neededBy: string) {
    super(`${neededBy} needs the setting ${setting}, which is not configured. Add it to the site's configuration, restart, then redrive this job.`, {
      code: 'setting_missing',
    });
    this.setting = setting;
  }
}

/** The other side asked for a pause. The next attempt starts no sooner than `retryAfterMs` from now. */
export class RateLimitedError extends JobError {
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number, options?: { cause?: unknown }) {
    super('rate_limited', message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The attempt was stopped on purpose. */
export class CancelledError extends JobError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('cancelled', message, options);
  }
}

/** The message of anything thrown. Use where a `catch` variable must become words for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What to print of a failure: our own errors say what to do; of anything else the stack is worth more. */
export function wordsOf(error: unknown): string {
  return error instanceof SpineError ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
}
