/** Backups of the site: those that there are, and making one. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Phrase } from '../i18n/translate.ts';

export const BackupRow = z.object({
  name: z.string(),
  /** The moment that it speaks of, epoch ms; null if it can't be read. */
  markMs: z.number().nullable(),
  tookMs: z.number().nullable(),
  bytes: z.number(),
  /** Events in platform-events. */
  events: z.number().nullable(),
  /** Are the site's secrets in it, encrypted? */
  secrets: z.boolean(),
  /** Version of the software that made it. */
  version: z.string().nullable(),
  /** What it needs beside, in words. */
  notIncluded: z.array(Phrase),
  /** Why it can't be used; null if it can. */
  problem: z.string().nullable(),
});
export type BackupRow = z.infer<typeof BackupRow>;

export const BackupList = z.object({
  measuredMs: z.number(),
  /** Folder that holds them, on the machine of the site. */
  folder: z.string(),
  /** So many are kept; null: all. */
  keep: z.int().nullable(),
  /** Is there a passphrase, so that secrets go along? */
  passphrase: z.boolean(),
  /** When one is made by itself, in words, and the next time; null: only when asked. */
  schedule: z.object({ cron: z.string(), timeZone: z.string(), words: z.string(), nextMs: z.number().nullable() }).nullable(),
  /** The one that is being made, or waits to be. */
  running: z.object({ jobId: z.string(), correlationId: z.string(), state: z.enum(['waiting', 'running', 'retrying']), note: Phrase.nullable(), lastError: z.string().nullable() }).nullable(),
  backups: z.array(BackupRow),
});
export type BackupList = z.infer<typeof BackupList>;

export const backupsContract = {
  list: oc.route({ method: 'GET', path: '/backups', summary: 'Backups, newest first, and the one that is being made' }).output(BackupList),
  /** Puts a BackupSiteJob on its queue. */
  make: oc
    .route({ method: 'POST', path: '/backups', summary: 'Make a backup now' })
    .input(z.object({ reason: z.string().trim().max(500).default('') }))
    .output(z.object({ eventId: z.string(), correlationId: z.string() })),
};
