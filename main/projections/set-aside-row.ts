/** From a message that was set aside to its place in a trace, as far as its body still tells. */
import type { SetAside } from '../routing/inbox.ts';
import type { ProjectedSetAside } from './projection-writer.ts';

/** Larger bodies are not looked into, bytes. */
const LARGEST_BODY = 1_048_576;

/** @returns null if it does not say which correlation it belongs to. */
export function setAsideRowOf({ message, reason, problem }: SetAside): ProjectedSetAside | null {
  if (message.body.length > LARGEST_BODY) return null;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(message.body));
  } catch {
    return null;
  }
  if (typeof json !== 'object' || json === null) return null;
  const { eventId, correlationId, causationId, jobId } = json as Record<string, unknown>;
  const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' && value.length <= 64 ? value : null);
  const correlation = text(correlationId);
  if (correlation === null) return null;
  return { seq: message.seq, storedMs: message.storedMs, subject: message.subject, reason, problem, eventId: text(eventId), correlationId: correlation, causationId: text(causationId), jobId: text(jobId) };
}
