/** Input by hand: catalogue, publish form, demo traffic, document search. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Tier } from '../tiers.ts';

export const CatalogueEvent = z.object({
  type: z.string(),
  version: z.string(),
  domain: z.string(),
  description: z.string(),
  /** JSON Schema (draft 2020-12) of `data`. */
  schema: z.record(z.string(), z.unknown()),
  example: z.record(z.string(), z.unknown()),
  /** Job types that it triggers. */
  triggers: z.array(z.string()),
});
export type CatalogueEvent = z.infer<typeof CatalogueEvent>;

export const CatalogueJob = z.object({
  type: z.string(),
  description: z.string(),
  tier: Tier,
  queue: z.string(),
  priority: z.int(),
  triggeredBy: z.array(z.string()),
  maxAttempts: z.int(),
  timeoutMs: z.number(),
  replaySafety: z.enum(['idempotent', 'guarded', 'unsafe']),
  /** JSON Schema (draft 2020-12) of its input. */
  schema: z.record(z.string(), z.unknown()),
});
export type CatalogueJob = z.infer<typeof CatalogueJob>;

export const PublishInput = z.object({
  eventType: z.string().min(1),
  eventVersion: z.string().default('1.0'),
  source: z.string().min(1).max(200).default('console'),
  data: z.record(z.string(), z.unknown()),
  correlationId: z.uuid().optional(),
});

export const DocumentHit = z.object({
  entityType: z.string(),
  entityId: z.string(),
  version: z.int(),
  title: z.string(),
  /** Excerpt; matches are between « and ». */
  excerpt: z.string(),
  rank: z.number(),
  updatedMs: z.number(),
  correlationId: z.string().nullable(),
});
export type DocumentHit = z.infer<typeof DocumentHit>;

export const catalogueContract = {
  events: oc.route({ method: 'GET', path: '/catalogue/events', summary: 'Event types' }).output(z.array(CatalogueEvent)),
  jobs: oc.route({ method: 'GET', path: '/catalogue/jobs', summary: 'Job types' }).output(z.array(CatalogueJob)),
};

export const publishContract = {
  /** Publishes one event and returns once the bus has stored it. A payload that breaks its schema is refused. */
  publish: oc
    .route({ method: 'POST', path: '/publish', summary: 'Publish one event' })
    .input(PublishInput)
    .output(z.object({ eventId: z.string(), correlationId: z.string(), seq: z.number() })),
  /** Run a job type by hand; publishes system.JobRequested. */
  requestJob: oc
    .route({ method: 'POST', path: '/jobs', summary: 'Ask for a job to be run' })
    .input(z.object({ jobType: z.string().min(1), input: z.record(z.string(), z.unknown()), reason: z.string().max(500).default('') }))
    .output(z.object({ eventId: z.string(), correlationId: z.string() })),
};

export const demoContract = {
  start: oc.route({ method: 'POST', path: '/demo/start', summary: 'Start demo traffic' }).output(z.object({ running: z.boolean() })),
  stop: oc.route({ method: 'POST', path: '/demo/stop', summary: 'Stop demo traffic' }).output(z.object({ running: z.boolean() })),
};

export const documentsContract = {
  search: oc
    .route({ method: 'GET', path: '/documents', summary: 'Full-text search over entities' })
    .input(z.object({ query: z.string().trim().min(1).max(200), limit: z.coerce.number().int().min(1).max(100).default(20) }))
    .output(z.object({ hits: z.array(DocumentHit), total: z.int(), tookMs: z.number() })),
};
