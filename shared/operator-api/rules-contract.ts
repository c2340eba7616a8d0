/** Rules: which there are, what they did, what an edited one would have done, and their changes. */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';
import { RuleDefinition } from '../rule-definition.ts';
import { streamOpening } from './streams.ts';

export const RuleRow = z.object({
  definition: RuleDefinition,
  /** It is evaluated: what the definition says, unless an operator has switched it. */
  on: z.boolean(),
  /** Who switched it otherwise than its definition says, and why; null if nobody did. */
  switched: z.object({ operator: z.string(), reason: z.string(), sinceMs: z.number() }).nullable(),
  /** `config`: from the site's configuration; changed there, switched here. */
  origin: z.enum(['config', 'operator']),
  version: z.int(),
  updatedBy: z.string(),
  updatedMs: z.number(),
  /** When it held last; null if it did not, as far back as the view goes. */
  lastMatched: z.object({ seq: z.number(), atMs: z.number(), eventId: z.string().nullable(), correlationId: z.string().nullable() }).nullable(),
  /** How often it held lately, and the time that this was counted over, ms. */
  lately: z.object({ matches: z.int(), overMs: z.number() }),
  /** …and as far back as the view goes. */
  matches: z.int(),
  /** What is not right with it; null if it can do its work. */
  problem: Words.nullable(),
});
export type RuleRow = z.infer<typeof RuleRow>;

export const RuleVersion = z.object({
  version: z.int(),
  /** null: it was removed. */
  definition: RuleDefinition.nullable(),
  operator: z.string(),
  reason: z.string(),
  atMs: z.number(),
});
export type RuleVersion = z.infer<typeof RuleVersion>;

/** Which past events a dry run looks at: the last so many, or those stored within a time, epoch ms. */
export const DryRunScope = z.union([
  z.object({ last: z.int().min(1).max(5_000_000) }),
  z.object({ fromMs: z.number().positive(), toMs: z.number().positive() }),
]);
export type DryRunScope = z.infer<typeof DryRunScope>;

export const DryRunMatch = z.object({
  seq: z.number(),
  eventId: z.string(),
  eventType: z.string(),
  source: z.string(),
  correlationId: z.string(),
  storedMs: z.number(),
  /** With the texts of the edited rule filled in from this event. */
  actions: z.array(z.object({ jobType: z.string(), input: z.record(z.string(), z.unknown()), /** Why the job would not take it; null if it would. */ problem: z.string().nullable() })),
});
export type DryRunMatch = z.infer<typeof DryRunMatch>;

export const DryRunProgress = z.object({
  /** Messages read, of so many. */
  read: z.int(),
  total: z.int(),
  /** Events among them that reach the rules; those of demo traffic, which a site's own rules leave alone; and those that this rule looks at. */
  reaching: z.int(),
  demo: z.int(),
  looked: z.int(),
  matched: z.int(),
  /** Of the rule as it is stored now, for the same events; null for a new one. */
  matchedBefore: z.int().nullable(),
  /** Matches of the edited rule that the stored one lacks, and the other way round; null for a new one. */
  more: z.int().nullable(),
  fewer: z.int().nullable(),
  /** Jobs that would have been asked for. */
  jobs: z.record(z.string(), z.int()),
  /** New matches since the progress before; only the first hundred are told. */
  matches: z.array(DryRunMatch),
  done: z.boolean(),
});
export type DryRunProgress = z.infer<typeof DryRunProgress>;

const named = z.object({ id: z.string().min(1) });
const reason = z.string().trim().min(1).max(500);
const done = z.object({ id: z.string(), version: z.int() });

export const rulesContract = {
  list: oc
    .route({ method: 'GET', path: '/rules', summary: 'All rules with what they did lately' })
    .output(
      z.object({
        measuredMs: z.number(),
        rules: z.array(RuleRow),
        /** Event types, or `domain.*`, that reach the rules. */
        reaching: z.array(z.string()),
      }),
    ),
  versions: oc.route({ method: 'GET', path: '/rules/{id}/versions', summary: 'What a rule was, newest first' }).input(named).output(z.object({ versions: z.array(RuleVersion) })),
  create: oc.route({ method: 'POST', path: '/rules', summary: 'Make a rule' }).input(z.object({ definition: z.unknown(), reason })).output(done),
  /** `version` is the one that was edited: if it has changed meanwhile, nothing is done. */
  change: oc.route({ method: 'POST', path: '/rules/{id}/change', summary: 'Change a rule that an operator made' }).input(named.extend({ definition: z.unknown(), version: z.int(), reason })).output(done),
  remove: oc.route({ method: 'POST', path: '/rules/{id}/remove', summary: 'Remove a rule that an operator made' }).input(named.extend({ reason })).output(done),
  switch: oc.route({ method: 'POST', path: '/rules/{id}/switch', summary: 'Switch a rule on or off, wherever it comes from' }).input(named.extend({ on: z.boolean(), reason })).output(done),
  /** Evaluates a rule against past events. Nothing is published, no job is put on a queue. Ends early when the reader leaves. */
  dryRun: oc.input(streamOpening.extend({ definition: z.unknown(), scope: DryRunScope })).output(eventIterator(DryRunProgress)),
};
