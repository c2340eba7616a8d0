/** Read the site's configuration: file, then environment on top. Every mistake becomes a ConfigError that names its setting. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { checkRule } from '../../shared/schedule-rule.ts';
import { parseDocument } from 'yaml';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import type { SecretRef} from './site-config.ts';
import { SiteConfig } from './site-config.ts';

export interface LoadedConfig {
  readonly config: SiteConfig;
  /** Where it was read from; null if there is no file and defaults rule. */
  readonly file: string | null;
  /** Does the file say this itself (`streams.platformEvents`), or does a default rule? */
  written(setting: string): boolean;
  /** Read a secret reference. @throws ConfigError if the variable or the file is not there. */
  secret(ref: SecretRef, setting: string): string;
  /** Turn a path of the file into an absolute one (relative to the file). */
  path(relative: string): string;
}

/**
 * `SPINE_CONFIG` names the file; else `<dataFolder>/spine.yaml` is used if it is there.
 * `SPINE_NATS_URL`, `SPINE_NATS_CREDENTIALS`, `SPINE_DATABASE_URL`, `SPINE_HTTP_PORT`, `SPINE_HTTP_HOST`, `SPINE_WORKERS` override the file.
 * @throws ConfigError naming the setting and what was expected.
 */
export function loadConfig(env: NodeJS.ProcessEnv, dataFolder: string): LoadedConfig {
  const named = env.SPINE_CONFIG;
  if (named && !existsSync(named)) throw new ConfigError('SPINE_CONFIG', `${named} does not exist`, 'the path of a YAML or JSON file');
  const usual = join(dataFolder, 'spine.yaml');
  const file = named ? resolve(named) : existsSync(usual) ? usual : null;
  const base = file ? dirname(file) : dataFolder;

  const raw = file ? readYaml(file) : {};
  const config = parse(raw, file ?? 'configuration');
  if (config.backup?.folder === '') config.backup.folder = resolve(dataFolder, 'backups');
  applyEnvironment(config, env);
  checkCrons(config);
  return {
    config,
    file,
    path: (relative) => resolve(base, relative),
    written: (setting) => setting.split('.').reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), raw) !== undefined,
    secret(ref, setting) {
      if ('env' in ref) {
        const value = env[ref.env];
        if (!value) throw new ConfigError(setting, `the environment variable ${ref.env} is not set`, 'a variable that holds the secret');
        return value;
      }
      try {
        return readFileSync(resolve(base, ref.file), 'utf8').trim();
      } catch (cause) {
        throw new ConfigError(setting, `the file ${ref.file} can't be read`, 'a readable file that holds the secret', { cause });
      }
    },
  };
}

function readYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError('SPINE_CONFIG', `${file} can't be read (${messageOf(cause)})`, 'a readable YAML or JSON file', { cause });
  }
  const document = parseDocument(text, { prettyErrors: true });
  const [problem] = document.errors;
  if (problem) throw new ConfigError(file, problem.message.split('\n')[0] ?? 'not YAML', 'valid YAML or JSON', { cause: problem });
  return document.toJS() ?? {};
}

function parse(raw: unknown, where: string): SiteConfig {
  const result = SiteConfig.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw new ConfigError(where, 'is not valid', 'a valid configuration', { cause: result.error });
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    throw new ConfigError([path, key].filter(Boolean).join('.'), `is not a setting (in ${where})`, 'a setting of the reference in README.md', { cause: result.error });
  }
  throw new ConfigError(path || where, `is not valid (in ${where})`, issue.message, { cause: result.error });
}

function applyEnvironment(config: SiteConfig, env: NodeJS.ProcessEnv): void {
  if (env.SPINE_NATS_URL) config.nats.url = env.SPINE_NATS_URL;
  if (env.SPINE_NATS_CREDENTIALS) config.nats.credentials = { file: resolve(env.SPINE_NATS_CREDENTIALS) };
  if (env.SPINE_DATABASE_URL) config.database.url = env.SPINE_DATABASE_URL;
  if (env.SPINE_HTTP_PORT) config.http.port = wholeNumber('SPINE_HTTP_PORT', env.SPINE_HTTP_PORT, 65535);
  if (env.SPINE_HTTP_HOST) config.http.host = env.SPINE_HTTP_HOST;
  if (env.SPINE_WORKERS) {
    if (env.SPINE_WORKERS !== 'on' && env.SPINE_WORKERS !== 'off') throw new ConfigError('SPINE_WORKERS', `"${env.SPINE_WORKERS}" is not understood`, 'on or off');
    config.workers.enabled = env.SPINE_WORKERS === 'on';
  }
  for (const [setting, value, schemes] of [
    ['SPINE_NATS_URL', config.nats.url, ['nats:', 'tls:', 'ws:', 'wss:']],
    ['SPINE_DATABASE_URL', config.database.url, ['postgres:', 'postgresql:']],
  ] as const) {
    if (value !== undefined && !(schemes as readonly string[]).includes(schemeOf(value))) {
      throw new ConfigError(setting, 'is not a URL of a kind that is known', `a URL that starts with ${schemes[0]}//`);
    }
  }
}

function schemeOf(value: string): string {
  try {
    return new URL(value).protocol;
  } catch {
    return '';
  }
}

function wholeNumber(setting: string, value: string, max: number): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > max) throw new ConfigError(setting, `"${value}" is out of range`, `a whole number from 0 to ${max}`);
  return number;
}

function checkCrons(config: SiteConfig): void {
  const crons = [
    ...config.schedules.map(({ id, cron, timeZone }) => ({ setting: `schedules.${id}.cron`, cron, timeZone })),
    ...(config.backup?.schedule ? [{ setting: 'backup.schedule.cron', ...config.backup.schedule }] : []),
    ...config.connectors.flatMap(({ id, schedule }) => (schedule ? [{ setting: `connectors.${id}.schedule.cron`, ...schedule }] : [])),
  ];
  for (const { setting, cron, timeZone } of crons) {
    try {
      checkRule({ cron, timeZone });
    } catch (cause) {
      throw new ConfigError(setting, messageOf(cause).replace(/^cron: /, ''), 'a rule that has a next time', { cause });
    }
  }
}
