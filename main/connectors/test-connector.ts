/** What a connector would bring: its source is read from the beginning, compared with what is on record, and mapped. Nothing is stored. */
import type { ConnectorTest } from '../../shared/operator-api/index.ts';
import { messageOf, NotFoundError, UnavailableError } from '../../shared/errors.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { knownFingerprints } from './connector-records.ts';
import { mapRecord } from './entity-mapping.ts';
import { openSource } from './open-source.ts';
import { fingerprintOf, storableRecord } from './record-identity.ts';
import type { SourceItem } from './source.ts';

/** Enough to see by; a source of millions is not read for a look. */
const MOST_RECORDS = 500;
const SAMPLES = 10;
const MOST_PROBLEMS = 20;
const LONGEST_MS = 30_000;

/** @throws NotFoundError, UnavailableError with what the source said. */
export async function testConnector({ config, secret, path, database }: OperatorServices, connectorId: string, signal: AbortSignal): Promise<ConnectorTest> {
  const connector = config.connectors.find(({ id }) => id === connectorId);
  if (!connector) throw new NotFoundError('connector', connectorId);
  const from = performance.now();
  const records: Extract<SourceItem, { kind: 'record' }>[] = [];
  const problems: string[] = [];
  let problemCount = 0;
  let complete = true;
  try {
    for await (const item of openSource(connector, { secret, path })({}, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]))) {
      if (item.kind === 'problem') {
        problemCount += 1;
        if (problems.length < MOST_PROBLEMS) problems.push(`${item.at} ${item.problem}`);
      } else if (item.kind === 'record') {
        if (records.length >= MOST_RECORDS) {
          complete = false;
          break;
        }
        records.push(item);
      }
    }
  } catch (cause) {
    throw new UnavailableError(`connector ${connectorId}`, `its source can't be read (${messageOf(cause).replace(/\.$/, '')})`, 'Nothing was stored.', { cause });
  }
  const known = await knownFingerprints(database.intake, connectorId, records.map(({ recordId }) => recordId));
  const judged = records.map(({ recordId, receivedFrom, record: raw }) => {
    const record = storableRecord(raw);
    const before = known.get(recordId);
    return { recordId, receivedFrom, record, verdict: before === undefined ? ('new' as const) : before === fingerprintOf(record) ? ('unchanged' as const) : ('changed' as const) };
  });
  const count = (verdict: 'new' | 'changed' | 'unchanged'): number => judged.filter((each) => each.verdict === verdict).length;
  // What a person looks for are those that a sync would bring.
  const shown = [...judged.filter(({ verdict }) => verdict !== 'unchanged'), ...judged.filter(({ verdict }) => verdict === 'unchanged')].slice(0, SAMPLES);
  const samples = await Promise.all(
    shown.map(async (each) => {
      try {
        return { ...each, entities: await mapRecord(connector, each.record), problem: null };
      } catch (error) {
        return { ...each, entities: [], problem: messageOf(error) };
      }
    }),
  );
  return { tookMs: performance.now() - from, read: judged.length, fresh: count('new'), changed: count('changed'), unchanged: count('unchanged'), complete, problemCount, problems, samples };
}
