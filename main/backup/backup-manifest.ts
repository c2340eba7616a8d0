/**
 * What a backup is: a folder, whole or not there.
 *
 *   <site>-<UTC time>/
 *     manifest.json        what is in it, with a SHA-256 of every file; written last
 *     database/*.copy.zst  one file a table, as COPY gives it
 *     streams/*.snapshot   platform-events and audit-log, as the server gives them
 *     config/…             spine.yaml, and the plugins beside it
 *     secrets.json         keys and tokens, encrypted with the passphrase; absent without one
 *
 * The *mark* is the moment that all of it speaks of: the state of the database in one snapshot, and the last sequence of
 * platform-events at that moment. What outside publishers added to the stream after it is kept as well, what the site itself
 * emitted after it is not: the work that emitted it is not in the backup either, and is done again.
 */
import * as z from 'zod';
import { Phrase, verbatim } from '../../shared/i18n/translate.ts';

export const MANIFEST = 'manifest.json';
/** Of the layout; a reader refuses a newer one. */
export const FORMAT = 1;

const FilePart = z.object({
  /** Path inside the backup, with forward slashes. */
  file: z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/).refine((file) => !file.split('/').includes('..'), 'a path inside the backup'),
  bytes: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type FilePart = z.infer<typeof FilePart>;

export const TablePart = FilePart.extend({ table: z.string(), columns: z.array(z.string()).min(1), rows: z.int() });
export type TablePart = z.infer<typeof TablePart>;

export const StreamPart = FilePart.extend({
  stream: z.string(),
  /** As the server gave them, to be handed back unchanged. */
  config: z.record(z.string(), z.unknown()),
  state: z.looseObject({ messages: z.int(), first_seq: z.int(), last_seq: z.int() }),
});
export type StreamPart = z.infer<typeof StreamPart>;

export const BackupManifest = z.object({
  format: z.int(),
  site: z.string(),
  /** Source of the site's own events. */
  source: z.string(),
  /** Of the software that made it. */
  version: z.string(),
  natsVersion: z.string(),
  postgresVersion: z.string(),
  mark: z.object({
    /** Epoch ms. */
    atMs: z.number(),
    /** Last sequence of platform-events. */
    seq: z.int(),
    /** Every event up to here was routed: routing goes on behind it. */
    routedSeq: z.int(),
  }),
  tookMs: z.number(),
  /** Names of the migrations that the database had. */
  migrations: z.array(z.string()),
  pgBossSchema: z.int(),
  tables: z.array(TablePart),
  streams: z.array(StreamPart),
  config: z.array(FilePart),
  secrets: FilePart.nullable(),
  /** What the site needs and a backup can't hold, in words: environment variables, files elsewhere. */
  notIncluded: z.array(z.union([Phrase, z.string().transform(verbatim)])),
});
export type BackupManifest = z.infer<typeof BackupManifest>;

/** All files of a backup but its manifest. */
export function filesOf({ tables, streams, config, secrets }: BackupManifest): FilePart[] {
  return [...tables, ...streams, ...config, ...(secrets ? [secrets] : [])];
}

/** Name of a backup's folder: sorts by time. */
export function backupName(site: string, atMs: number): string {
  return `${site.replaceAll(/[^\w-]/g, '-')}-${new Date(atMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
