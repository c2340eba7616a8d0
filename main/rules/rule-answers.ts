/** What the console shows of rules. */
import { domainOf } from '../../shared/envelope.ts';
import { type Words, words } from '../../shared/i18n/translate.ts';
import type { RuleRow } from '../../shared/operator-api/index.ts';
import type { RuleDefinition } from '../../shared/rule-definition.ts';
import type { OperatorServices } from '../operator-api/services.ts';
import { TALLY_BUCKET_S } from '../projections/tallies.ts';
import { reachingEvents } from './check-definition.ts';
import { storedRules } from './rule-records.ts';

const DAY_MS = 86_400_000;

/** Start of the hour a day ago: hours are the grain of the tallies. */
export function aDayAgo(nowMs: number): number {
  const bucketMs = TALLY_BUCKET_S * 1_000;
  return Math.floor((nowMs - DAY_MS) / bucketMs) * bucketMs;
}

export async function listRules({ database, projection, jobs, config }: OperatorServices): Promise<{ measuredMs: number; rules: RuleRow[]; reaching: string[] }> {
  const measuredMs = Date.now();
  const sinceMs = aDayAgo(measuredMs);
  const [stored, sums] = await Promise.all([storedRules(database.intake), projection.read.tallies('rule', sinceMs)]);
  const held = new Map(sums.map((sum) => [sum.name, sum]));
  const reaching = reachingEvents(jobs);
  return {
    measuredMs, reaching,
    rules: stored.map(({ definition, origin, version, updatedBy, updatedMs, switched }) => {
      const sum = held.get(definition.id);
      return {
        definition, origin, version, updatedBy, updatedMs,
        on: switched?.on ?? definition.enabled,
        switched: switched && { operator: switched.operator, reason: switched.reason, sinceMs: switched.sinceMs },
        lastMatched: sum ? { seq: sum.lastSeq, atMs: sum.lastMs, eventId: sum.lastEventId, correlationId: sum.lastCorrelationId } : null,
        lately: { matches: sum?.lately ?? 0, overMs: measuredMs - sinceMs },
        matches: sum?.count ?? 0,
        problem: problemOf(definition, reaching, (jobType) => jobs.get(jobType) !== undefined, (channel) => config.channels[channel] !== undefined),
      };
    }),
  };
}

/** What will keep it from doing its work; null if nothing is known to. */
function problemOf({ events, actions }: RuleDefinition, reaching: readonly string[], knowsJob: (type: string) => boolean, knowsChannel: (name: string) => boolean): Words | null {
  const unreached = events?.find((event) => !reaching.some((known) => known === event || domainOf(known) === domainOf(event)));
  if (unreached !== undefined) return words('It looks at {event}, which never reaches the rules.', { event: unreached });
  for (const { jobType, input } of actions) {
    if (!knowsJob(jobType)) return words('It asks for a {job}, which this site does not know.', { job: jobType });
    const { channel } = input;
    if (jobType === 'SendOutgoingMessageJob' && typeof channel === 'string' && !channel.includes('{{') && !knowsChannel(channel)) return words('It sends by the channel {channel}, which is not configured: its jobs would become dead letters.', { channel });
  }
  return null;
}
