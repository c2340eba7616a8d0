/** spine backup, restore: everything of a site into a folder, and back into an empty one. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dataFolderPath } from '../../../embedded/data-folder.ts';
import { ConfigError, ConflictError, messageOf, UnavailableError } from '../../../shared/errors.ts';
import { listBackups } from '../../backup/list-backups.ts';
import { verifyBackup } from '../../backup/verify-backup.ts';
import { loadConfig } from '../../config/load-config.ts';
import { command, onSite } from '../command-line.ts';
import { answer, bytes, clock, counted, duration, paint, say, sayTable } from '../output.ts';
import type { OperatorClient } from '../site-client.ts';
import { until } from '../wait.ts';

/** Where backups of this data folder go if nothing else is said. */
function backupFolder(): string {
  const root = dataFolderPath(process.env);
  const { config, path } = loadConfig(process.env, root);
  return config.backup ? path(config.backup.folder) : join(root, 'backups');
}

const make = command({
  command: '$0 [folder]',
  describe: 'Make a backup of the running site, and verify it',
  builder: (argv) => argv
    .positional('folder', { type: 'string', describe: 'Folder that holds the backups; default: backup.folder, else backups/ in the data folder' })
    .option('passphrase-file', { type: 'string', describe: 'File with the passphrase that encrypts the secrets; without, they are left out (default: backup.passphrase)' })
    .option('keep', { type: 'number', describe: 'Delete the oldest beyond so many' })
    .example('$0 backup /mnt/backup --passphrase-file ~/.spine-passphrase --keep 7', ''),
  handler: (given) => onSite(given, async (client) => {
    const input = {
      ...(given.folder === undefined ? {} : { folder: given.url === undefined ? resolve(given.folder) : given.folder }),
      ...(given.passphraseFile === undefined ? {} : { passphraseFile: given.url === undefined ? resolve(given.passphraseFile) : given.passphraseFile }),
      ...(given.keep === undefined ? {} : { keep: given.keep }),
    };
    const { correlationId } = await client.events.requestJob({ jobType: 'BackupSiteJob', input, reason: 'spine backup' });
    const made = await outcome(client, correlationId);
    answer(given.json, made, () => {
      say(`${paint('bold', String(made.backup))} in ${String(made.folder)}: ${bytes(Number(made.bytes))} in ${duration(Number(made.tookMs))}, verified.`);
      if (made.secrets !== true) say('Secrets are not in it (no passphrase was given).');
    });
  }),
});

/** @throws UnavailableError with the problem, if it failed. */
async function outcome(client: OperatorClient, correlationId: string): Promise<Record<string, unknown>> {
  const event = await until(async () => {
    const { events, jobs } = await client.traces.get({ correlationId }).catch(() => ({ events: [], jobs: [] }));
    const failed = jobs.find(({ state }) => state === 'dead');
    if (failed) throw new UnavailableError('backup', failed.lastError ?? 'it failed', `Mend it, then: spine dlq redrive ${failed.jobId}`);
    return events.find(({ eventType }) => eventType === 'system.BackupCompleted' || eventType === 'system.BackupFailed') ?? null;
  });
  const { envelope } = await client.flow.event({ eventId: event?.eventId ?? '' });
  const data = envelope.data as Record<string, unknown>;
  if (event?.eventType === 'system.BackupFailed') throw new UnavailableError('backup', String(data.problem), 'Nothing was left behind. It is tried again by itself; see spine dlq if it keeps failing.');
  return data;
}

const list = command({
  command: 'ls [folder]',
  describe: 'Backups, newest first',
  builder: (argv) => argv.positional('folder', { type: 'string', describe: 'Folder that holds them' }),
  handler({ folder, json }) {
    const where = folder === undefined ? backupFolder() : resolve(folder);
    const found = listBackups(where);
    answer(json, found, () => sayTable(found, [
      { head: 'backup', cell: ({ name }) => name },
      { head: 'of', cell: ({ manifest, problem }) => (manifest ? clock(manifest.mark.atMs) : paint('red', problem ?? '')) },
      { head: 'events', cell: ({ manifest }) => manifest?.streams.find(({ stream }) => stream === 'platform-events')?.state.messages.toLocaleString('en') ?? '', right: true },
      { head: 'size', cell: (backup) => bytes(backup.bytes), right: true },
      { head: 'version', cell: ({ manifest }) => manifest?.version ?? '' },
    ], `No backups in ${where}.`));
  },
});

const verify = command({
  command: 'verify <backup>',
  describe: 'Read every file of a backup again',
  builder: (argv) => argv.positional('backup', { type: 'string', demandOption: true, describe: 'Folder of one backup' }),
  async handler({ backup, json }) {
    const manifest = await verifyBackup(resolve(backup));
    answer(json, { backup: resolve(backup), whole: true }, () => say(`Whole: ${counted(manifest.tables.length, 'table')}, ${counted(manifest.streams.length, 'stream')}, as of ${clock(manifest.mark.atMs)}.`));
  },
});

export const backupCommand = command({
  command: 'backup',
  describe: 'Make, list and verify backups',
  builder: (argv) => argv.command(make).command(list).command(verify),
  handler: () => {},
});

export const restoreCommand = command({
  command: 'restore <backup>',
  describe: 'Put a backup into the data folder, which must be empty (--data-dir names another)',
  builder: (argv) => argv
    .positional('backup', { type: 'string', demandOption: true, describe: 'Folder of one backup' })
    .option('passphrase-file', { type: 'string', describe: 'File with the passphrase of its secrets' })
    .option('without-secrets', { type: 'boolean', default: false, describe: 'Make new ones instead: clients of the bus and holders of tokens must get theirs anew' })
    .example('$0 restore /mnt/backup/local-20261124T230000Z --data-dir /srv/spine --passphrase-file ~/.spine-passphrase', ''),
  async handler(given) {
    const passphrase = given.passphraseFile === undefined ? null : readPassphrase(given.passphraseFile);
    const root = dataFolderPath(process.env);
    if (passphrase === null && !given.withoutSecrets && (await verifyBackup(resolve(given.backup))).secrets) throw new ConflictError('The backup holds secrets. Name the passphrase with --passphrase-file, or say --without-secrets.');
    const { restoreBackup } = await import('../../backup/restore-backup.ts');
    const report = await restoreBackup({ backup: resolve(given.backup), dataFolder: root, passphrase, env: process.env, onStep: (step) => void (given.json || say(paint('dim', step.text))) });
    answer(given.json, { dataFolder: root, mark: report.manifest.mark, books: report.books, undone: report.undone, keptAfterMark: report.keptAfterMark }, () => {
      const { books, manifest } = report;
      say(`Restored into ${root}, as of ${clock(manifest.mark.atMs)}. The books balance: ${counted(books.published, 'event')} routed; ${counted(books.jobs, 'job')} = ${books.completed.toLocaleString('en')} completed + ${books.dead.toLocaleString('en')} dead + ${books.onQueues.toLocaleString('en')} waiting.`);
      if (report.undone > 0) say(`${counted(report.undone, 'event')} of the site’s own from after that moment ${report.undone === 1 ? 'was' : 'were'} left out: their work is done again.`);
      for (const missing of manifest.notIncluded) say(`${paint('yellow', 'Not in the backup:')} ${missing.text}`);
      say('Start it with spine start.');
    });
  },
});

function readPassphrase(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ConfigError('--passphrase-file', `${file} can't be read (${messageOf(cause)})`, 'a file with the passphrase', { cause });
  }
}
