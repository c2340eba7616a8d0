/** The site's settings as the console shows and changes them. The configuration file is where they stand; they rule from the next start. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError, messageOf } from '../../shared/errors.ts';
import type { SiteSettings } from '../../shared/operator-api/index.ts';
import { type SettingDefinition, type SettingValue, SITE_SETTINGS } from '../../shared/site-settings.ts';
import { editConfig } from '../config/edit-config.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';

/** By the standard of OpenTelemetry these steer where spans go. */
const TELEMETRY_VARIABLES = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_TRACES_SAMPLER', 'OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES'];
const UNITS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1_000], ['ms', 1]] as const;

export interface SettingsBookOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly dataFolder: string;
  /** What rules since the start. */
  readonly running: LoadedConfig;
}

export class SettingsBook {
  readonly #options: SettingsBookOptions;

  constructor(options: SettingsBookOptions) {
    this.#options = options;
  }

  get file(): string {
    return this.#options.running.file ?? join(this.#options.dataFolder, 'spine.yaml');
  }

  /** @throws ConfigError if somebody has broken the file since the start. */
  read(): SiteSettings {
    const { env, running } = this.#options;
    const next = loadConfig(env, this.#options.dataFolder);
    return {
      file: this.file,
      readOnly: this.#readOnly(),
      settings: SITE_SETTINGS.map((definition) => ({
        path: definition.path,
        running: shown(definition, running),
        next: shown(definition, next),
        from: definition.variable !== undefined && env[definition.variable] ? 'environment' : next.written(definition.path) ? 'file' : 'default',
      })),
      telemetry: TELEMETRY_VARIABLES.map((variable) => ({ variable, set: Boolean(env[variable]) })),
    };
  }

  /** @throws ConfigError that names the setting and what was expected; nothing is changed then. */
  change(changes: readonly { path: string; value: SettingValue }[]): void {
    const wanted = changes.map(({ path, value }) => {
      const definition = SITE_SETTINGS.find((each) => each.path === path);
      if (!definition) throw new ConfigError(path, 'is no setting that can be changed here', `one of ${SITE_SETTINGS.map((each) => each.path).join(', ')}`);
      if (definition.variable !== undefined && this.#options.env[definition.variable]) throw new ConfigError(path, `is set by the environment variable ${definition.variable}`, 'to be changed there');
      return { path: path.split('.'), value: checked(definition, value) };
    });
    const readOnly = this.#readOnly();
    if (readOnly !== null) throw new ConfigError(this.file, readOnly, 'a file that the site’s user may write');
    editConfig({
      file: this.file,
      heading: '# Settings of this site. Every setting is in README.md, examples/site/spine.yaml has them all.\n',
      change: (set) => {
        for (const { path, value } of wanted) set(path, value);
      },
      check: () => void loadConfig(this.#options.env, this.#options.dataFolder),
    });
  }

  #readOnly(): string | null {
    try {
      accessSync(existsSync(this.file) ? this.file : dirname(this.file), constants.W_OK);
      return null;
    } catch (error) {
      return `can't be written (${messageOf(error)})`;
    }
  }
}

/** Who reads the file fills these in from the data folder; a file without them stands for the same, with or without its group. */
const FROM_DATA_FOLDER: ReadonlySet<string> = new Set(['backup.folder']);

/** As the file would hold it, without secrets. */
function shown({ path, kind }: SettingDefinition, { config, written }: LoadedConfig): SettingValue {
  if (FROM_DATA_FOLDER.has(path) && !written(path)) return null;
  const value = path.split('.').reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), config);
  if (value === undefined || value === null) return null;
  if (kind === 'duration' && typeof value === 'number') return durationOf(value);
  if (Array.isArray(value)) return value.map(String);
  if (typeof value === 'string') return withoutPassword(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function checked({ path, kind }: SettingDefinition, value: SettingValue): SettingValue | undefined {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return undefined;
  const expected = { text: 'string', duration: 'string', number: 'number', switch: 'boolean', list: 'object' }[kind];
  if (typeof value !== expected) throw new ConfigError(path, 'is of the wrong kind', { text: 'a text', duration: 'a duration such as "30d"', number: 'a number', switch: 'true or false', list: 'a list of texts' }[kind]);
  // A password belongs into a variable or a file, which the configuration only names.
  if (typeof value === 'string' && URL.canParse(value) && new URL(value).password !== '') throw new ConfigError(path, 'holds a password', `an address without one; name where it is kept in ${path.split('.')[0]}.${path.startsWith('nats') ? 'credentials' : 'password'}: { env: NAME } or { file: path }`);
  return value;
}

function durationOf(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms % each === 0 && ms >= each) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}

function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password === '') return text;
  url.password = '***';
  return url.href;
}
