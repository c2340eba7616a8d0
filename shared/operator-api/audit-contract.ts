/** Audit: who did what, when, and why. Read from the events that each steering action leaves behind. */
import { oc } from '@orpc/contract';
import * as z from 'zod';

export const AuditRow = z.object({
  /** Sequence in platform-events. */
  seq: z.int(),
  atMs: z.number(),
  eventId: z.string(),
  eventType: z.string(),
  correlationId: z.string(),
  operator: z.string(),
  /** Empty where none was given. */
  reason: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type AuditRow = z.infer<typeof AuditRow>;

export const auditContract = {
  list: oc
    .route({ method: 'GET', path: '/audit', summary: 'Steering actions, newest first' })
    .input(z.object({ operator: z.string().optional(), beforeSeq: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }))
    .output(z.object({ rows: z.array(AuditRow), more: z.boolean() })),
};
