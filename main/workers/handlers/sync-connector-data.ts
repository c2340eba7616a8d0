/**
 * SyncConnectorDataJob: reads a connector's source and publishes one connector.DataReceived per new or changed record.
 *
 * Fingerprints, position and events are committed in one transaction, so a record is published exactly when it is on
 * record. A large source is read in batches: each batch hands the same job on until the source ends.
 * A failed attempt publishes connector.SyncFailed and writes the connector's state by itself; the job is retried.
 */
import { setImmediate } from 'node:timers/promises';
import { CancelledError, messageOf, NotRetryableError } from '../../../shared/errors.ts';
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import { type ChangedRecord, type Changes, collectChanges } from '../../connectors/collect-changes.ts';
import { forgetRecords, knownFingerprints, readConnectorStates, recordFingerprints, recordSync, recordSyncFailure } from '../../connectors/connector-records.ts';
import { openSource } from '../../connectors/open-source.ts';
import { storableText } from '../../connectors/record-identity.ts';
import type { ConnectorConfig } from '../../config/site-config.ts';
import type { Sql } from '../../database/database.ts';
import type { AttemptContext, Handler } from '../handler.ts';
import { connectorOf, type HandlerSettings } from './handler-settings.ts';

/**
 * Changed records of one attempt. Their events are built in one go in the finishing transaction, so this bounds
 * how long other attempts wait for theirs.
 */
const BATCH = 1_000;
/** Events built before others get a turn. */
const TURN = 50;

/** What earlier batches of the same sync have done. */
interface SoFar {
  readonly published: number;
  readonly unchanged: number;
  /** Published in batches after which the source is read again from the same position. */
  readonly reread: number;
  readonly batch: number;
  readonly startedMs: number;
}

export function syncConnectorData(settings: HandlerSettings): Handler<InputOf<'SyncConnectorDataJob'>> {
  return async (attempt) => {
    const connector = connectorOf(settings, attempt.input.connectorId);
    // Publish every record again, after a change of the mapping, say: forget them all, then sync.
    if (attempt.input.full === true) {
      attempt.atFinish(async (tx) => {
        await forgetRecords(tx, connector.id);
        await recordSync(tx, connector.id, { position: {}, error: null, published: 0 });
      });
      attempt.handOn('SyncConnectorDataJob', { connectorId: connector.id }, 'full');
      return;
    }
    try {
      await syncOneBatch(attempt, connector, settings);
    } catch (error) {
      if (!(error instanceof CancelledError)) {
        const willRetry = !attempt.job.lastAttempt && !(error instanceof NotRetryableError);
        attempt.emitIfFailed('connector.SyncFailed', { connectorId: connector.id, error: storableText(messageOf(error)).slice(0, 2_000), willRetry }, { source: `connector.${connector.id}` });
      }
      if (!attempt.signal.aborted) await recordSyncFailure(settings.pool, connector.id, storableText(messageOf(error)).slice(0, 2_000)).catch(() => {});
      throw error;
    }
  };
}

async function syncOneBatch(attempt: AttemptContext<InputOf<'SyncConnectorDataJob'>>, connector: ConnectorConfig, settings: HandlerSettings): Promise<void> {
  const soFar = readSoFar(attempt.input.soFar);
  const state = (await readConnectorStates(attempt.sql, [connector.id])).get(connector.id);
  const source = openSource(connector, settings);
  const changes = await collectChanges(source(state?.position ?? {}, attempt.signal), {
    limit: BATCH,
    known: (recordIds) => knownFingerprints(attempt.sql, connector.id, recordIds),
    signal: attempt.signal,
  });
  attempt.atFinish((tx) => publish(attempt, tx, connector, changes, soFar));
}

async function publish(attempt: AttemptContext, tx: Sql, connector: ConnectorConfig, changes: Changes, soFar: SoFar): Promise<void> {
  const fresh = await recordFingerprints(tx, connector.id, changes.changed);
  const source = `connector.${connector.id}`;
  const refused: { record: ChangedRecord; problem: string }[] = [];
  if (fresh.size > 0 && soFar.batch === 0) attempt.emit('connector.SyncStarted', { connectorId: connector.id, kind: connector.kind }, { source });
  let published = 0;
  let turn = 0;
  for (const record of changes.changed) {
    if (!fresh.has(record.recordId)) continue;
    try {
      attempt.emit('connector.DataReceived', { connectorId: connector.id, recordId: record.recordId, record: record.record, receivedFrom: record.receivedFrom }, { source });
      published++;
    } catch (error) {
      // One record that the bus can't take (too large) must not keep back the others.
      if (!(error instanceof NotRetryableError)) throw error;
      refused.push({ record, problem: error.message });
    }
    if (++turn % TURN === 0) await setImmediate();
  }
  if (refused.length > 0) await forgetRecords(tx, connector.id, refused.map(({ record }) => record.recordId));

  const problems = [...changes.problems, ...refused.map(({ record, problem }) => `${record.receivedFrom} ${problem}`)];
  const problemCount = changes.problemCount + refused.length;
  const error = problemCount === 0 ? null : storableText(`${problemCount} ${problemCount === 1 ? 'record' : 'records'} could not be read: ${problems.slice(0, 10).join('; ')}`).slice(0, 2_000);
  await recordSync(tx, connector.id, { position: changes.position, error, published });

  const total: SoFar = {
    published: soFar.published + published,
    unchanged: soFar.unchanged + (changes.finished || changes.position ? changes.unchanged : 0),
    reread: soFar.reread + (changes.position ? 0 : published),
    batch: soFar.batch + 1,
    startedMs: soFar.startedMs,
  };
  if (!changes.finished) {
    attempt.handOn('SyncConnectorDataJob', { connectorId: connector.id, soFar: total }, `batch-${total.batch}`);
    return;
  }
  attempt.emit('connector.SyncCompleted', {
    connectorId: connector.id,
    records: total.published,
    unchanged: Math.max(0, total.unchanged - soFar.reread),
    durationMs: Math.max(0, Date.now() - total.startedMs),
    ...(problemCount === 0 ? {} : { problems: problems.slice(0, 10), problemCount }),
  }, { source });
}

function readSoFar(value: unknown): SoFar {
  const given = value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  const number = (field: string, otherwise: number): number => (typeof given[field] === 'number' ? given[field] : otherwise);
  return { published: number('published', 0), unchanged: number('unchanged', 0), reread: number('reread', 0), batch: number('batch', 0), startedMs: number('startedMs', Date.now()) };
}
