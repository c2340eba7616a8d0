/**
 * An operator sets how long a stream keeps. What was said and its audit event are committed first: should the site die before
 * the server has been told, the next start tells it. Should the server refuse, what was said before is put back, with a record.
 */
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { ConfigError, ConflictError, messageOf } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import type { Retention, StreamName } from '../../shared/operator-api/index.ts';
import { inTransaction } from '../database/database.ts';
import type { RequestContext } from '../operator-api/services.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import type { RetentionOverride } from './retention-book.ts';
import { inspectStream, retentionProblem } from './stream-answers.ts';

export interface RetentionWish {
  readonly stream: StreamName;
  readonly retention: Retention;
  /** What the person saw. */
  readonly before: Retention;
  readonly reason: string;
}

/** @throws ConfigError if it can't be set, ConflictError if somebody else was faster, UnavailableError if the server refused. */
export async function changeRetention({ services, operator }: RequestContext, { stream, retention, before, reason }: RetentionWish): Promise<{ stream: StreamName; retention: Retention }> {
  const { bus, database, retention: book, source } = services;
  const now = await inspectStream(services, stream);
  const problem = await retentionProblem(services, now, retention);
  if (problem) throw new ConfigError('retention', problem.text.replace(/\.$/, ''), 'limits that the server takes');
  if (!same(now, before)) throw new ConflictError(words('The retention of {stream} has been changed by somebody else; nothing was done. Look at it again.', { stream }));
  if (same(now, retention)) throw new ConflictError(words('The retention of {stream} is that already; nothing was done.', { stream }));
  const former = book.override(stream);
  // Back at what the configuration says, the configuration rules again.
  const override: RetentionOverride | null = same(book.configured(stream), retention) ? null : { ...retention, operator, reason, setMs: Date.now() };
  const say = async (from: Retention, to: Retention, kept: RetentionOverride | null, refusal?: string): Promise<void> => {
    const data = { stream, before: from, after: to, operator, reason, ...(refusal === undefined ? {} : { problem: refusal }) };
    await inTransaction(database.intake, async (tx) => {
      await book.write(tx, stream, kept);
      await putIntoOutbox(tx, [createTyped({ eventType: 'system.StreamRetentionChanged', source, data }) as Envelope]);
    });
    book.note(stream, kept);
    services.committed([]);
  };
  await say(before, retention, override);
  try {
    await bus.keeper.setRetention(stream, retention);
  } catch (error) {
    await say(retention, before, former, messageOf(error));
    throw error;
  }
  return { stream, retention };
}

function same(a: Retention, b: Retention): boolean {
  return a.maxAgeMs === b.maxAgeMs && a.maxBytes === b.maxBytes;
}
