/** Configuration, secrets, certificates, plugins, and the files of the site. */
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { fromSeed } from '@nats-io/nkeys';
import { checkFormat } from '../../embedded/data-folder.ts';
import { listBackups } from '../backup/list-backups.ts';
import { TokenStore } from '../access/token-store.ts';
import { loadConfig } from '../config/load-config.ts';
import type { SecretRef } from '../config/site-config.ts';
import { loadPlugins } from '../plugins/load-plugins.ts';
import { messageOf } from '../../shared/errors.ts';
import { examine, fault, type Finding, fine, warning } from './finding.ts';
import type { Patient } from './patient.ts';

const DAY_MS = 86_400_000;
/** A certificate that ends within this is named, ms. */
const SOON_MS = 21 * DAY_MS;
/** A backup older than this is named, ms; less if there is a schedule that should have run. */
const OLD_BACKUP_MS = 8 * DAY_MS;

export async function checkFiles(patient: Patient): Promise<Finding[]> {
  const { root, env, loaded } = patient;
  const config = await examine('configuration', () => {
    const { file } = loadConfig(env, root);
    return file === null ? 'there is none, so the defaults hold' : `${file} is valid`;
  });
  return [
    config,
    await examine('format', () => (existsSync(root) ? (checkFormat(root), 'the data folder is of this version or an older one') : 'the data folder is new')),
    ...checkSecretFiles(patient),
    await examine('access-tokens', () => {
      const tokens = existsSync(join(root, 'secrets')) ? new TokenStore(join(root, 'secrets')).list() : [];
      return `${tokens.length} access tokens`;
    }),
    checkView(patient),
    ...(loaded ? [...checkReferences(patient), ...checkCertificate(patient), ...(await checkPlugins(patient)), ...checkBackups(patient)] : []),
  ];
}

function checkSecretFiles({ root }: Patient): Finding[] {
  const folder = join(root, 'secrets');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder);
  const open = names.filter((name) => (statSync(join(folder, name)).mode & 0o077) !== 0);
  const findings = [
    open.length > 0
      ? fault('secret-modes', `others on this machine can read ${open.join(', ')}`, `chmod 600 ${open.map((name) => join(folder, name)).join(' ')}; if anybody else uses this machine, make new secrets`)
      : fine('secret-modes', 'secrets can be read by their owner alone'),
  ];
  for (const name of names.filter((file) => file.endsWith('.nk'))) {
    try {
      fromSeed(readFileSync(join(folder, name)).subarray(0, 58));
    } catch (error) {
      findings.push(fault('nats-seeds', `${join(folder, name)} holds no nkey seed (${messageOf(error)})`, 'Put back the file from a backup; or delete it to have a new one made, and give that to the clients of the bus.'));
    }
  }
  const hasPassword = (statSync(join(folder, 'postgres.password'), { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (!hasPassword && existsSync(join(root, 'postgres', 'data'))) findings.push(fault('postgres-password', `${join(folder, 'postgres.password')} is missing or empty, but the database it opens exists`, 'Put back the file from a backup of this data folder.'));
  return findings;
}

/** The console's view rebuilds itself: damage there costs time, not data. */
function checkView({ root }: Patient): Finding {
  const file = join(root, 'projections', 'lineage.sqlite');
  if (!existsSync(file)) return fine('projection', 'the console’s view is not there yet');
  try {
    const database = new Database(file, { readonly: true, timeout: 1_000 });
    try {
      const [result] = database.pragma('quick_check(1)') as { quick_check: string }[];
      if (result?.quick_check !== 'ok') throw new Error(result?.quick_check ?? 'no answer');
    } finally {
      database.close();
    }
    return fine('projection', 'the console’s view is whole');
  } catch (error) {
    return warning('projection', `the console’s view ${file} is damaged (${messageOf(error)})`, 'Nothing is lost: it is rebuilt from the streams at the next start. If it happens again, check the disk.');
  }
}

/** Every secret that the configuration refers to must be there. */
function checkReferences({ loaded }: Patient): Finding[] {
  if (!loaded) return [];
  const missing: string[] = [];
  const visit = (value: unknown, setting: string): void => {
    if (typeof value !== 'object' || value === null) return;
    const keys = Object.keys(value);
    if (keys.length === 1 && (keys[0] === 'env' || keys[0] === 'file') && typeof Object.values(value)[0] === 'string' && !setting.endsWith('credentials')) {
      try {
        loaded.secret(value as SecretRef, setting);
      } catch (error) {
        missing.push(messageOf(error).replace(/ Expected .*$/s, ''));
      }
      return;
    }
    for (const [key, inner] of Object.entries(value)) visit(inner, setting === '' ? key : `${setting}.${key}`);
  };
  visit(loaded.config, '');
  return [missing.length === 0 ? fine('secret-references', 'all secrets that the configuration refers to are there') : fault('secret-references', missing.join(' '), 'Set the variable, or write the file, for the user that runs the site; systemd: EnvironmentFile=.')];
}

function checkCertificate({ loaded, instruments }: Patient): Finding[] {
  const tls = loaded?.config.http.tls;
  if (!loaded || !tls) return [];
  const file = loaded.path(tls.certificate);
  const cure = `Renew it, put it in the place of ${file}, and start the site again.`;
  try {
    const endMs = Date.parse(new X509Certificate(readFileSync(file)).validTo);
    const words = `the certificate ${file} ends on ${new Date(endMs).toISOString().slice(0, 10)}`;
    if (endMs <= instruments.nowMs()) return [fault('certificate', words, cure)];
    return [endMs - instruments.nowMs() < SOON_MS ? warning('certificate', words, cure) : fine('certificate', words)];
  } catch (error) {
    return [fault('certificate', `the certificate ${file} can't be read (${messageOf(error)})`, 'Name a PEM certificate in http.tls.certificate.')];
  }
}

async function checkPlugins({ loaded }: Patient): Promise<Finding[]> {
  const folder = loaded?.config.plugins?.folder;
  if (!loaded || folder === undefined) return [];
  return [await examine('plugins', async () => `${(await loadPlugins(loaded.path(folder))).length} plugins can be loaded`, 'Mend the plugin, or move it out of the folder.')];
}

function checkBackups({ loaded, root, instruments }: Patient): Finding[] {
  if (!loaded || !existsSync(join(root, 'postgres', 'data'))) return [];
  const { backup } = loaded.config;
  const folder = backup ? loaded.path(backup.folder) : join(root, 'backups');
  const newest = listBackups(folder).find(({ manifest }) => manifest?.site === loaded.config.site);
  const cure = 'Make one with spine backup, and let it be made by itself with backup.schedule.';
  if (!newest?.manifest) return [warning('backup', `there is no backup in ${folder}`, cure)];
  const ageMs = instruments.nowMs() - newest.manifest.mark.atMs;
  const words = `the newest backup is ${Math.round(ageMs / 3_600_000)} h old`;
  return [ageMs > OLD_BACKUP_MS ? warning('backup', words, cure) : fine('backup', words)];
}
