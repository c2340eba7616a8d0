/** Input by hand: publish form, demo traffic, document search. */
import { oc } from '@orpc/contract';
import * as z from 'zod';

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
  /** Best first, page by page: `after` is the `next` of the page before. */
  search: oc
    .route({ method: 'GET', path: '/documents', summary: 'Full-text search over entities' })
    .input(z.object({ query: z.string().trim().min(1).max(200), /** The `next` of the page before. */ after: z.string().optional(), limit: z.coerce.number().int().min(1).max(100).default(20) }))
    .output(z.object({ hits: z.array(DocumentHit), total: z.int(), next: z.string().nullable(), tookMs: z.number() })),
};
