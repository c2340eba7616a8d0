/** BackupSiteJob: makes a backup of the site while it goes on working. */
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { messageOf, NotRetryableError } from '../../../shared/errors.ts';
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import { filesOf } from '../../backup/backup-manifest.ts';
import type { Handler } from '../handler.ts';
import type { HandlerSettings } from './handler-settings.ts';

export function backupSite({ config, secret, path, backup, backupFolder }: HandlerSettings): Handler<InputOf<'BackupSiteJob'>> {
  return async ({ input, signal, emit, emitIfFailed, progress }) => {
    const folder = input.folder ?? (config.backup ? path(config.backup.folder) : backupFolder);
    if (!isAbsolute(folder)) throw new NotRetryableError(`folder: "${folder}" is not absolute. Name the whole path of the folder that holds the backups.`);
    try {
      const passphrase = input.passphraseFile !== undefined ? readPassphrase(input.passphraseFile) : config.backup?.passphrase ? secret(config.backup.passphrase, 'backup.passphrase') : null;
      let steps = 0;
      const { path: made, manifest, deleted } = await backup({
        folder, passphrase, signal,
        keep: input.keep ?? config.backup?.keep ?? null,
        onStep: (step) => progress(1 - 0.9 ** (steps += 1), step),
      });
      emit('system.BackupCompleted', {
        backup: made.slice(folder.length + 1), folder, bytes: filesOf(manifest).reduce((sum, { bytes }) => sum + bytes, 0), tookMs: manifest.tookMs,
        seq: manifest.mark.seq, secrets: manifest.secrets !== null, deleted,
      });
    } catch (error) {
      emitIfFailed('system.BackupFailed', { problem: messageOf(error) });
      throw error;
    }
  };
}

function readPassphrase(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new NotRetryableError(`passphraseFile: ${file} can't be read (${messageOf(cause)}). Name a file that the site's user may read.`, { cause });
  }
}
