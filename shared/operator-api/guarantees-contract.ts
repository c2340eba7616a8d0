/** What the site promises, and whether it holds now: each promise in words, measured and not assumed. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Words } from '../i18n/translate.ts';

export const GuaranteeRow = z.object({
  id: z.enum(['bus-sync', 'bus-storage', 'audit-locked', 'retention', 'copies', 'database-sync', 'database-checksums', 'outbox', 'conservation', 'disk', 'backup']),
  /** What is promised, a message: "Acknowledged events survive a power cut". */
  title: z.string(),
  /** holds, does not, holds only in part or not for long, can't be known from here. */
  verdict: z.enum(['holds', 'broken', 'weak', 'unknown']),
  /** What was measured, in words. */
  words: Words,
  /** What to do about it; null where nothing is to be done. */
  remedy: Words.nullable(),
});
export type GuaranteeRow = z.infer<typeof GuaranteeRow>;

export const Guarantees = z.object({ measuredMs: z.number(), guarantees: z.array(GuaranteeRow) });
export type Guarantees = z.infer<typeof Guarantees>;

export const guaranteesContract = {
  check: oc.route({ method: 'GET', path: '/site/guarantees', summary: 'What the site promises, and whether it holds' }).output(Guarantees),
};
