/** GET of a source: conditional, bounded, with redirects that keep the configured headers at home. */
import * as z from 'zod';
import { NotRetryableError } from '../../shared/errors.ts';
import { networkError, readAtMost, redact, refusalOf, withoutCredentials } from '../workers/handlers/outbound-http.ts';
import type { Position, SourceItem } from './source.ts';

/** Largest answer that is read, bytes. */
export const LARGEST_ANSWER = 50 * 1_048_576;
const MOST_REDIRECTS = 5;

export const HttpPosition = z.object({
  /** What the answer was read with; another reading starts afresh. */
  reading: z.string(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  problems: z.array(z.object({ at: z.string(), problem: z.string() })).default([]),
});
export type HttpPosition = z.infer<typeof HttpPosition>;

export interface SourceRequest {
  readonly url: string;
  /** `connectors.<id>.url`, for errors. */
  readonly setting: string;
  readonly accept: string;
  readonly headers?: Record<string, string>;
  readonly secrets?: readonly string[];
  readonly signal: AbortSignal;
}

export type Fetched =
  | { readonly changed: false; readonly problems: HttpPosition['problems'] }
  | { readonly changed: true; readonly text: string; readonly etag?: string; readonly lastModified?: string };

/**
 * Fetch unless nothing has changed since `position`, as far as the server can tell.
 * `reading` says how the answer will be read (url, expression); if it differs from the position's, everything is fetched.
 * @throws RetryableError | RateLimitedError | NotRetryableError naming the setting.
 */
export async function fetchSource(request: SourceRequest, position: Position, reading: string): Promise<Fetched> {
  const parsed = HttpPosition.safeParse(position);
  const known = parsed.success && parsed.data.reading === reading ? parsed.data : null;
  const conditions = {
    ...(known?.etag === undefined ? {} : { 'if-none-match': known.etag }),
    ...(known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified }),
  };
  const { response, body, secrets } = await get(request, conditions);
  if (response.status === 304 && known) return { changed: false, problems: known.problems };
  const text = new TextDecoder().decode(body);
  const refusal = refusalOf(response.status, response.headers, request.setting, redact(text.slice(0, 1_000), secrets));
  if (refusal) throw refusal;
  const etag = response.headers.get('etag');
  const lastModified = response.headers.get('last-modified');
  return { changed: true, text, ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

/** The items of an answer, then the position after it. A 304 repeats the problems that the answer still has. */
export async function* answerItems(fetched: Fetched, reading: string, position: Position, read: (text: string) => AsyncIterable<SourceItem> | Iterable<SourceItem>): AsyncGenerator<SourceItem, void, void> {
  if (!fetched.changed) {
    for (const problem of fetched.problems) yield { kind: 'problem', ...problem };
    yield { kind: 'covered', position: () => position };
    return;
  }
  const problems: HttpPosition['problems'] = [];
  for await (const item of read(fetched.text)) {
    if (item.kind === 'problem' && problems.length < 20) problems.push({ at: item.at, problem: item.problem });
    yield item;
  }
  const { etag, lastModified } = fetched;
  yield { kind: 'covered', position: () => ({ reading, ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }), problems }) };
}

async function get(request: SourceRequest, conditions: Record<string, string>): Promise<{ response: Response; body: Uint8Array; secrets: string[] }> {
  const home = withoutCredentials(request.url);
  const secrets = [...(request.secrets ?? []), ...(home.basic ? [home.basic] : [])];
  const { origin } = new URL(home.url);
  let address = home.url;
  try {
    for (let redirects = 0; ; redirects++) {
      // Headers may hold secrets: they go to the configured server only.
      const own = new URL(address).origin === origin ? { ...(home.basic ? { authorization: home.basic } : {}), ...request.headers } : {};
      const response = await fetch(address, {
        redirect: 'manual',
        signal: request.signal,
        headers: { accept: request.accept, 'user-agent': 'spine-console', ...conditions, ...own },
      });
      const location = response.headers.get('location');
      if (![301, 302, 303, 307, 308].includes(response.status) || location === null) {
        return { response, body: await readAtMost(response, LARGEST_ANSWER), secrets };
      }
      await response.body?.cancel();
      if (redirects === MOST_REDIRECTS) throw new NotRetryableError(`${request.setting} answers with more than ${MOST_REDIRECTS} redirects.`);
      const next = new URL(location, address);
      if (next.protocol !== 'http:' && next.protocol !== 'https:') throw new NotRetryableError(`${request.setting} redirects to ${next.protocol}, which is not followed.`);
      address = next.href;
    }
  } catch (error) {
    throw networkError(error, request.setting, request.signal);
  }
}

/** A URL as a person may see it: without user, password and query, which often holds a key. */
export function shownUrl(address: string): string {
  const url = new URL(address);
  return `${url.origin}${url.pathname}${url.search ? '?…' : ''}`;
}
