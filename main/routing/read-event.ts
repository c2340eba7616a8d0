/** From bytes on the bus to a valid event, or to the reason why they are none. Never throws. */
import { Envelope } from '../../shared/envelope.ts';
import { describeIssues, type EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { SetAsideRow } from '../../shared/operator-api/index.ts';
import { type TraceContext, traceContextFrom } from '../../shared/trace-context.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';

export type ReadResult =
  | { readonly ok: true; readonly event: Envelope; readonly verdict: 'valid' | 'uncatalogued' }
  | { readonly ok: false; readonly reason: SetAsideRow['reason']; readonly problem: string };

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bodies above this are not parsed, bytes: a JSON of many megabytes would hold everybody up. */
const LARGEST_BODY = 8 * 1_048_576;

export function readEvent(message: Pick<StoredMessage, 'subject' | 'body'> & Partial<Pick<StoredMessage, 'headers'>>, catalogue: Pick<EventCatalogue, 'check'>): ReadResult {
  if (message.body.length > LARGEST_BODY) return refuse('too-large', `body: ${message.body.length} bytes; expected at most ${LARGEST_BODY}`);
  let json: unknown;
  let text: string;
  try {
    text = decoder.decode(message.body);
    // Such a field would be dropped on the way into objects, in silence.
    if (PROTO_FIELD.test(text)) return refuse('bad-payload', 'a field is named __proto__, which can not be carried safely; expected another name');
    json = JSON.parse(text);
  } catch (error) {
    return refuse('not-json', `body: expected JSON in UTF-8 (${error instanceof Error ? error.message : 'not text'})`);
  }
  const parsed = Envelope.safeParse(json);
  if (!parsed.success) return refuse('bad-envelope', describeIssues(parsed.error));
  const event: Envelope = parsed.data;
  if (event.eventType !== message.subject) {
    return refuse('type-mismatch', `eventType: "${event.eventType}" on the subject "${message.subject}"; expected both to be the same`);
  }
  // Who publishes by another client may send its trace context in the headers alone.
  const caller = event.traceContext ? undefined : callerOf(message.headers);
  if (caller) event.traceContext = caller;
  // Valid UTF-8 holds neither of them; JSON does only as an escape, and headers may.
  const unstorable = caller || text.includes('\\u') ? unstorableText(event) : null;
  if (unstorable) return refuse('bad-payload', unstorable);
  const check = catalogue.check(event);
  if (check.verdict === 'invalid') return refuse('bad-payload', check.problem);
  return { ok: true, event, verdict: check.verdict };
}

function callerOf(headers: StoredMessage['headers'] = []): TraceContext | undefined {
  const valueOf = (wanted: string): string | undefined => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
  return headers.length === 0 ? undefined : traceContextFrom(valueOf('traceparent'), valueOf('tracestate'));
}

function refuse(reason: SetAsideRow['reason'], problem: string): ReadResult {
  return { ok: false, reason, problem: problem.slice(0, 2_000) };
}


/** As a name, not inside a text: there the quotes are escaped. */
const PROTO_FIELD = /"__proto__"\s*:/;
/** A NUL or half a surrogate pair, as JSON.stringify writes them (an even number of backslashes before is plain text). */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89ab][0-9a-f]{2}|d[c-f][0-9a-f]{2})/i;

/** Postgres can't keep these in jsonb; such an event could never become a job. */
function unstorableText(event: Envelope): string | null {
  const found = UNSTORABLE.exec(JSON.stringify(event));
  return found ? 'a text of the event: holds a NUL or half a surrogate pair; expected text that is valid Unicode without NUL' : null;
}
