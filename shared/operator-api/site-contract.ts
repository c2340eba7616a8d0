/** Site: is it healthy, and what runs. Live by `watch`. */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';
import { Tier } from '../tiers.ts';
import { Alert } from './alerts-contract.ts';
import { streamOpening } from './streams.ts';

export const Health = z.enum(['ok', 'degraded', 'down', 'starting', 'unknown']);
export type Health = z.infer<typeof Health>;

export const Component = z.object({
  id: z.enum(['nats', 'postgres', 'routing', 'workers', 'relay', 'projection', 'telemetry']),
  /** A message. */
  name: z.string(),
  health: Health,
  /** One line of words: "running, embedded, port 4222". */
  detail: Words,
  version: z.string().nullable(),
});
export type Component = z.infer<typeof Component>;

export const TierSummary = z.object({
  tier: Tier,
  targetMs: z.number(),
  verdict: z.enum(['kept', 'at-risk', 'broken', 'unknown']),
  /** Share of the error budget that the last 15 min used: 1 is all of it. */
  budgetBurnt: z.number(),
  /** The same of the last hour and the last day; null until it has been measured. */
  budgetBurntHour: z.number().nullable(),
  budgetBurntDay: z.number().nullable(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
  p99Ms: z.number().nullable(),
  /** Handlers started in the last 15 min. */
  started: z.int(),
  /** …of which later than promised. */
  late: z.int(),
  waiting: z.int(),
  running: z.int(),
  retrying: z.int(),
  /** Age of the oldest job that could run now, ms; null if none waits. */
  oldestMs: z.number().nullable(),
  /** p99 by minute over the last 15 min, oldest first; null where nothing started. */
  sparkline: z.array(z.number().nullable()),
});
export type TierSummary = z.infer<typeof TierSummary>;

/** The sentence itself is among its fields. */
export const Attention = Words.extend({
  id: z.string(),
  severity: z.enum(['info', 'warning', 'error']),
  /** Where to go, as a console path. */
  link: z.string().nullable(),
});

export const StreamStatus = z.object({
  name: z.string(),
  messages: z.number(),
  bytes: z.number(),
  firstSeq: z.number(),
  lastSeq: z.number(),
  /** ms; null keeps for ever. */
  maxAgeMs: z.number().nullable(),
  /** Events by which a copy is behind its origin; null for the origin. */
  lag: z.number().nullable(),
});

export const SiteStatus = z.object({
  measuredMs: z.number(),
  site: z.string(),
  version: z.string(),
  mode: z.enum(['embedded', 'connected', 'mixed']),
  host: z.enum(['desktop', 'headless']),
  startedMs: z.number(),
  components: z.array(Component),
  tiers: z.array(TierSummary),
  streams: z.array(StreamStatus),
  /** `ignored`: those of families that a person said to ignore for now; not in `waiting`. */
  deadLetters: z.object({ waiting: z.int(), ignored: z.int(), newestMs: z.number().nullable() }),
  setAside: z.object({ total: z.int(), newestMs: z.number().nullable() }),
  /** Events waiting to be published, and for how long the oldest has waited (ms). */
  outbox: z.object({ backlog: z.int(), oldestMs: z.number().nullable() }),
  /** Stream sequence that the projection has reached, and how many events behind it is. */
  projection: z.object({ lastSeq: z.number(), behind: z.number() }),
  attention: z.array(Attention),
  /** Alerts that last, oldest first. */
  alerts: z.array(Alert),
  demo: z.object({ running: z.boolean(), published: z.int() }),
  totals: z.object({ events: z.int(), jobs: z.int(), completed: z.int() }),
  telemetry: z.object({
    /** Template of a trace's address in the site's tracing tool; null if none is configured. */
    traceUrl: z.string().nullable(),
    /** Spans since the start; null if they are sent nowhere. */
    export: z.object({ endpoint: z.string(), sent: z.int(), failed: z.int(), dropped: z.int(), queued: z.int(), capacity: z.int() }).nullable(),
  }),
});
export type SiteStatus = z.infer<typeof SiteStatus>;

export const FlowRates = z.object({
  /** Width of a bucket, ms. */
  bucketMs: z.number(),
  /** Oldest first; `at` is the start of the bucket, epoch ms; counts of events by domain. */
  buckets: z.array(z.object({ at: z.number(), byDomain: z.record(z.string(), z.int()) })),
});
export type FlowRates = z.infer<typeof FlowRates>;

export const siteContract = {
  status: oc.route({ method: 'GET', path: '/site/status', summary: 'Health of the site now' }).output(SiteStatus),
  rates: oc
    .route({ method: 'GET', path: '/site/rates', summary: 'Events per bucket by domain' })
    .input(z.object({ rangeMs: z.coerce.number().int().min(60_000).max(86_400_000).default(900_000) }))
    .output(FlowRates),
  /** A status at once, then one a second. */
  watch: oc.input(streamOpening).output(eventIterator(SiteStatus)),
};
