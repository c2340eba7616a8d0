/**
 * The mark of a replay on a job, and on the events that follow from it. `restrained`: it runs again without the explicit
 * yes, so whatever follows may put only idempotent jobs on the queues. Else a rule that is evaluated again would send its
 * message again, as a new job under a new key.
 */
import * as z from 'zod';

export const ReplayMark = z.object({ id: z.uuid(), restrained: z.boolean() });
export type ReplayMark = z.infer<typeof ReplayMark>;

/** May this job be owed by, or handed on from, what carries the mark? */
export function allowedByReplay(replay: ReplayMark | undefined, job: { readonly replaySafety: string }): boolean {
  return replay?.restrained !== true || job.replaySafety === 'idempotent';
}
