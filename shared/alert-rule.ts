/** What a site can raise an alert about, and when. Pure. */
import * as z from 'zod';
import { message } from './i18n/translate.ts';

export const ALERT_KINDS = ['promise-broken', 'part-down', 'dead-letters', 'disk-low', 'backup-old'] as const;
export const AlertKind = z.enum(ALERT_KINDS);
export type AlertKind = z.infer<typeof AlertKind>;

export const AlertRule = z.object({
  kind: AlertKind,
  enabled: z.boolean(),
  /** dead-letters: more than so many; disk-low: less than so many GiB; backup-old: older than so many hours. Null where the kind has none. */
  threshold: z.number().nonnegative().nullable(),
  /** It must have held for this long, ms: a moment is no alert. */
  holdMs: z.int().min(0).max(3_600_000),
  /** A configured channel by which it is also told; null: in the console and on the desktop only. */
  channel: z.string().nullable(),
  /** Whom to tell there. */
  recipient: z.string().nullable(),
});
export type AlertRule = z.infer<typeof AlertRule>;

/** What each kind is about, and the unit of its threshold. */
export const ALERT_WORDS: Readonly<Record<AlertKind, { readonly title: string; readonly unit: string | null; readonly asks: string | null }>> = {
  'promise-broken': { title: message('A latency promise is broken'), unit: null, asks: null },
  'part-down': { title: message('A part of the site is down'), unit: null, asks: null },
  'dead-letters': { title: message('Dead letters wait'), unit: message('dead letters'), asks: message('More than') },
  'disk-low': { title: message('The disk is nearly full'), unit: message('GiB free'), asks: message('Less than') },
  'backup-old': { title: message('No recent backup'), unit: message('hours old'), asks: message('Older than') },
};

/** The rules of a site where nobody has said otherwise. */
export const USUAL_RULES: readonly AlertRule[] = [
  { kind: 'promise-broken', enabled: true, threshold: null, holdMs: 60_000, channel: null, recipient: null },
  { kind: 'part-down', enabled: true, threshold: null, holdMs: 15_000, channel: null, recipient: null },
  { kind: 'dead-letters', enabled: true, threshold: 100, holdMs: 0, channel: null, recipient: null },
  { kind: 'disk-low', enabled: true, threshold: 5, holdMs: 60_000, channel: null, recipient: null },
  { kind: 'backup-old', enabled: false, threshold: 48, holdMs: 0, channel: null, recipient: null },
];
