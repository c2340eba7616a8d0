/** The catalogues: which event types and job types there are, how they are used, and what does not fit them. */
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

/** Of one event type: what the view has counted, hour by hour. */
export const TypeUsage = z.object({
  type: z.string(),
  /** As far back as the view goes, and lately (see `overMs`). */
  events: z.int(),
  lately: z.int(),
  lastMs: z.number().nullable(),
  versions: z.array(z.object({ version: z.string(), events: z.int(), /** The catalogue has a schema for it. */ known: z.boolean() })),
  /** Events that were set aside since their payload does not fit the schema; not among `events`. */
  drift: z.object({ events: z.int(), lately: z.int(), lastMs: z.number().nullable() }),
});
export type TypeUsage = z.infer<typeof TypeUsage>;

export const TypeSource = z.object({ source: z.string(), events: z.int(), lately: z.int(), lastMs: z.number() });
export type TypeSource = z.infer<typeof TypeSource>;

export const CATALOGUE_FORMATS = ['asyncapi-yaml', 'asyncapi-json', 'json-schema'] as const;
export const CatalogueFormat = z.enum(CATALOGUE_FORMATS);
export type CatalogueFormat = z.infer<typeof CatalogueFormat>;

export const catalogueContract = {
  events: oc.route({ method: 'GET', path: '/catalogue/events', summary: 'Event types' }).output(z.array(CatalogueEvent)),
  jobs: oc.route({ method: 'GET', path: '/catalogue/jobs', summary: 'Job types' }).output(z.array(CatalogueJob)),
  /** Also of types that the catalogue lacks but the bus has seen. */
  usage: oc
    .route({ method: 'GET', path: '/catalogue/usage', summary: 'How often each event type comes, from whom, and how often it does not fit' })
    .output(z.object({ measuredMs: z.number(), /** What `lately` is counted over, ms. */ overMs: z.number(), types: z.array(TypeUsage) })),
  sources: oc
    .route({ method: 'GET', path: '/catalogue/sources/{type}', summary: 'Who publishes an event type, the most first' })
    .input(z.object({ type: z.string().min(1).max(200) }))
    .output(z.object({ /** The first ones. */ sources: z.array(TypeSource), total: z.int() })),
  export: oc
    .route({ method: 'GET', path: '/catalogue/export', summary: 'The event catalogue as AsyncAPI 3.0 or as JSON Schema' })
    .input(z.object({ format: CatalogueFormat }))
    .output(z.object({ file: z.string(), mediaType: z.string(), text: z.string() })),
};
