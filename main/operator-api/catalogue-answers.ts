/** The catalogues as the console shows them. */
import * as z from 'zod';
import { domainOf } from '../../shared/envelope.ts';
import type { CatalogueEvent, CatalogueJob } from '../../shared/operator-api/index.ts';
import type { OperatorServices } from './services.ts';

export function catalogueEvents({ events, jobs }: OperatorServices): CatalogueEvent[] {
  return events
    .all()
    .map(({ type, version, description, schema, example }) => ({
      type,
      version,
      domain: domainOf(type),
      description,
      schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>,
      example: example as Record<string, unknown>,
      triggers: jobs
        .all()
        .filter(({ triggers }) => triggers.some(({ event }) => event === type || event === `${domainOf(type)}.*`))
        .map((job) => job.type),
    }))
    .sort((a, b) => a.type.localeCompare(b.type));
}

export function catalogueJobs({ jobs }: OperatorServices): CatalogueJob[] {
  return jobs.all().map(({ type, description, tier, queue, priority, triggers, retry, timeoutMs, replaySafety, schema }) => ({
    type, description, tier, queue, priority, timeoutMs, replaySafety,
    triggeredBy: triggers.map(({ event }) => event),
    maxAttempts: retry.maxAttempts,
    schema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>,
  }));
}

