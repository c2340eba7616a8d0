/**
 * HTTP to the outside, with one reading of what answers mean for a job:
 * 2xx done; 408, 425, 429, 5xx and no answer may pass (429 and 503 with Retry-After: not sooner);
 * every other answer, redirects among them, will be the same next time.
 */
import { context, propagation } from '@opentelemetry/api';
import { messageOf, NotRetryableError, RateLimitedError, RetryableError } from '../../../shared/errors.ts';
import type { JobError } from '../../../shared/errors.ts';

export interface OutboundAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON; its text if it is none. */
  readonly body: unknown;
}

export interface OutboundRequest {
  readonly url: string;
  readonly body: Record<string, unknown>;
  readonly headers?: Record<string, string>;
  /** Sent as `Idempotency-Key`. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
  /** Names the other side in errors: `channels.ops.url`. Never the URL itself, which may hold a secret. */
  readonly setting: string;
  /** Texts that must not appear in errors. */
  readonly secrets?: readonly string[];
}

/** Longest answer that is read, bytes. */
const LONGEST_ANSWER = 4 * 1_048_576;
/** No pause that the other side asks for is longer than this, ms. */
const LONGEST_PAUSE_MS = 3_600_000;

/**
 * POST JSON. Redirects are not followed: a POST that is sent on elsewhere is not what was configured.
 * @throws RetryableError | RateLimitedError | NotRetryableError, naming `setting`.
 */
export async function postJson(request: OutboundRequest): Promise<OutboundAnswer> {
  const { url, basic } = withoutCredentials(request.url);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: request.signal,
      headers: {
        ...(basic ? { authorization: basic } : {}),
        ...traceHeaders(),
        ...request.headers,
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'spine-console',
        'idempotency-key': request.idempotencyKey,
      },
      body: JSON.stringify(request.body),
    });
    text = new TextDecoder().decode(await readAtMost(response, LONGEST_ANSWER));
  } catch (error) {
    throw networkError(error, request.setting, request.signal);
  }
  const refusal = refusalOf(response.status, response.headers, request.setting, redact(text, [...(request.secrets ?? []), ...(basic ? [basic] : [])]));
  if (refusal) throw refusal;
  return { status: response.status, headers: response.headers, body: jsonOrText(text) };
}

/** The W3C headers of the attempt that runs; none if spans are switched off. */
function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** What an answer's status means: null for 2xx, else the error to throw. `excerpt` is what the other side says, without secrets. */
export function refusalOf(status: number, headers: Headers, setting: string, excerpt = ''): JobError | null {
  if (status >= 200 && status < 300) return null;
  const words = excerpt.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  const said = `${setting} answered HTTP ${status}${words ? `: ${words}` : ''}`;
  if (status === 429 || status === 503) {
    const pause = retryAfterMs(headers.get('retry-after'), Date.now());
    return pause === null ? new RetryableError(said) : new RateLimitedError(said, pause);
  }
  if (status === 408 || status === 425 || status >= 500) return new RetryableError(said);
  if (status >= 300 && status < 400) return new NotRetryableError(`${setting} answered HTTP ${status}, a redirect, which is not followed. Configure the final address.`);
  return new NotRetryableError(said);
}

/** `Retry-After` in ms from now, at most an hour: seconds or an HTTP date. Null if it says neither. */
export function retryAfterMs(value: string | null, now: number): number | null {
  if (value === null) return null;
  const words = value.trim();
  const ms = /^\d+$/.test(words) ? Number(words) * 1_000 : Date.parse(words) - now;
  return Number.isNaN(ms) ? null : Math.min(LONGEST_PAUSE_MS, Math.max(0, ms));
}

/** No answer: may pass. When `signal` has ended the attempt, the abort itself is passed on. */
export function networkError(error: unknown, setting: string, signal: AbortSignal): unknown {
  if (signal.aborted || error instanceof NotRetryableError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  const reason = cause instanceof Error ? ('code' in cause && typeof cause.code === 'string' ? cause.code : cause.message) : messageOf(error);
  return new RetryableError(`${setting} can't be reached (${reason}).`, { cause: error });
}

/** Read a body, and give up on one that is longer than `limit` bytes. @throws NotRetryableError then. */
export async function readAtMost(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop by a throw cancels the body.
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limit) throw new NotRetryableError(`The answer is longer than ${Math.round(limit / 1_048_576)} MB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** fetch refuses URLs with user and password in them; they become a Basic authorization. */
export function withoutCredentials(address: string): { url: string; basic: string | null } {
  const url = new URL(address);
  if (url.username === '' && url.password === '') return { url: address, basic: null };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return { url: url.href, basic: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Replace every secret in a text that a person will read. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length > 3).reduce((words, secret) => words.replaceAll(secret, '***'), text);
}

/** An id that the other side gave to what it accepted: a text or number in one of `fields` of a JSON answer. */
export function idOf(body: unknown, fields: readonly string[]): string | undefined {
  if (body === null || typeof body !== 'object') return undefined;
  for (const field of fields) {
    const value = (body as Record<string, unknown>)[field];
    if (typeof value === 'string' && value !== '') return value.slice(0, 200);
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
