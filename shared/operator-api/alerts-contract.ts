/** Alerts: what is wrong now, what was, and what a person wants to be told. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { AlertKind, AlertRule } from '../alert-rule.ts';
import { Words } from '../i18n/translate.ts';

export const Alert = z.object({
  id: z.int(),
  kind: AlertKind,
  /** A tier, a part of the site; empty where the kind has none. */
  subject: z.string(),
  severity: z.enum(['warning', 'error']),
  words: Words,
  /** Where to go, as a console path. */
  link: z.string(),
  raisedMs: z.number(),
  /** Null while it lasts. */
  clearedMs: z.number().nullable(),
  acknowledgedBy: z.string().nullable(),
});
export type Alert = z.infer<typeof Alert>;

export const alertsContract = {
  list: oc
    .route({ method: 'GET', path: '/alerts', summary: 'Alerts, newest first' })
    .input(z.object({ beforeId: z.coerce.number().int().optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }))
    .output(z.object({ alerts: z.array(Alert), more: z.boolean() })),
  rules: oc
    .route({ method: 'GET', path: '/alerts/rules', summary: 'What is watched' })
    .output(z.object({ rules: z.array(AlertRule.extend({ changedBy: z.string().nullable() })), /** Channels by which an alert can be told. */ channels: z.array(z.string()) })),
  changeRule: oc
    .route({ method: 'POST', path: '/alerts/rules/{kind}', summary: 'Change what is watched' })
    .input(AlertRule.extend({ reason: z.string().max(500).optional() }))
    .output(AlertRule),
  acknowledge: oc
    .route({ method: 'POST', path: '/alerts/{id}/acknowledge', summary: 'Say that somebody looks after an alert' })
    .input(z.object({ id: z.coerce.number().int() }))
    .output(Alert),
  /** Sends a test message by a channel: the job that does it is seen like any other. */
  test: oc
    .route({ method: 'POST', path: '/alerts/test', summary: 'Send a test message by a channel' })
    .input(z.object({ channel: z.string().min(1), recipient: z.string().min(1).max(200) }))
    .output(z.object({ eventId: z.string(), correlationId: z.string() })),
};
