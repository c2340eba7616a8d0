/** What operators do with replays. The audit event of a run is committed with its row, before the first job is touched. */
import { v4 as uuidv4 } from 'uuid';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import { ConfigError } from '../../shared/errors.ts';
import type { ReplayDetail, ReplayFilter, ReplayMode } from '../../shared/operator-api/index.ts';
import { inTransaction } from '../database/database.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import type { OperatorServices, RequestContext } from '../operator-api/services.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { endReplay, insertReplay, jobsOfReplay, lockRunning, readReplay } from './replay-store.ts';

interface Scope {
  readonly filter: ReplayFilter;
  readonly mode: ReplayMode;
  readonly unsafeConfirmed: boolean;
}

/** @throws ConfigError if the bounds leave nothing between them. */
export async function startDryRun({ services, operator }: RequestContext, { filter, mode, unsafeConfirmed }: Scope): Promise<{ replayId: string }> {
  const replayId = uuidv4();
  const bounds = await boundsOf(services.bus, filter);
  await insertReplay(services.database.intake, { replayId, dryRun: true, mode, filter, unsafeConfirmed, jobsPerSecond: 5_000, operator, reason: '', ...bounds, correlationId: null });
  services.replays.run(replayId);
  return { replayId };
}

/** @throws ConfigError as above, NotFoundError for a dry run that is not there. */
export async function startReplay({ services, operator }: RequestContext, input: Scope & { reason: string; jobsPerSecond: number; dryRunId?: string | undefined }): Promise<{ replayId: string }> {
  const { filter, mode, unsafeConfirmed, reason, jobsPerSecond } = input;
  const replayId = uuidv4();
  const { fromSeq, toSeq } = input.dryRunId === undefined ? await boundsOf(services.bus, filter) : await readReplay(services.database.intake, input.dryRunId);
  const audit = createTyped({ eventType: 'system.ReplayStarted', source: services.source, data: { replayId, mode, filter, fromSeq, toSeq, unsafeConfirmed, jobsPerSecond, operator, reason } }) as Envelope;
  await inTransaction(services.database.intake, async (tx) => {
    await insertReplay(tx, { replayId, dryRun: false, mode, filter, unsafeConfirmed, jobsPerSecond, operator, reason, fromSeq, toSeq, correlationId: audit.correlationId });
    await putIntoOutbox(tx, [audit]);
  });
  services.committed([]);
  services.replays.run(replayId);
  return { replayId };
}

/** @throws NotFoundError, ConflictError if it has ended. */
export async function cancelReplay({ services, operator }: RequestContext, { replayId, reason }: { replayId: string; reason: string }): Promise<{ replayId: string }> {
  await inTransaction(services.database.intake, async (tx) => {
    const replay = await lockRunning(tx, replayId);
    const { correlationId, dryRun } = replay;
    if (!dryRun) {
      await putIntoOutbox(tx, [createTyped({
        eventType: 'system.ReplayCancelled', source: services.source, ...(correlationId === null ? {} : { correlationId, causationId: correlationId }), data: { replayId, operator, reason },
      }) as Envelope]);
    }
    await endReplay(tx, replayId, 'cancelled', null);
  });
  services.committed([]);
  services.replays.wake(replayId);
  return { replayId };
}

export async function replayDetail({ database, jobs }: Pick<OperatorServices, 'database' | 'jobs'>, replayId: string): Promise<ReplayDetail> {
  const [row, found] = await Promise.all([readReplay(database.intake, replayId), jobsOfReplay(database.intake, replayId)]);
  const jobTypes = Object.keys(row.counts.jobs).flatMap((type) => {
    const definition = jobs.get(type);
    return definition ? [{ type, tier: definition.tier, replaySafety: definition.replaySafety }] : [];
  });
  return { row, jobTypes, jobs: found };
}

/** The filter's bounds as sequences of the stream as it is now: a replay does not run after its own events. */
async function boundsOf(bus: EventBus, { fromMs, toMs, fromSeq, toSeq }: ReplayFilter): Promise<{ fromSeq: number; toSeq: number }> {
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) throw new ConfigError('filter.toMs', 'the range ends before it begins', 'an end behind the beginning');
  const stream = (await bus.streams()).find(({ lag }) => lag === null);
  const last = stream?.lastSeq ?? 0;
  const seqAt = async (ms: number): Promise<number> => (await bus.readOn({ storedMs: ms }, 1))[0]?.seq ?? last + 1;
  const from = Math.max(stream?.firstSeq ?? 1, fromSeq ?? 1, fromMs === undefined ? 1 : fromMs > Date.now() ? last + 1 : await seqAt(fromMs));
  const to = Math.min(last, toSeq ?? last, toMs === undefined || toMs >= Date.now() ? last : (await seqAt(toMs + 1)) - 1);
  if (from > to) throw new ConfigError('filter', 'no event lies between its bounds', `times or sequences within the stream, which holds ${stream?.firstSeq ?? 0} to ${last}`);
  return { fromSeq: from, toSeq: to };
}
