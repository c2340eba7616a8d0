/** What the built-in handlers need to know of their site. */
import type pg from 'pg';
import { NotRetryableError } from '../../../shared/errors.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import type { ConnectorConfig, SiteConfig } from '../../config/site-config.ts';
import type { BackupWish, makeBackup } from '../../backup/make-backup.ts';
import type { RuleStore } from '../../rules/rule-store.ts';

/** `config` may be replaced while the site runs: handlers read it when they run, and keep nothing of it. */
export interface HandlerSettings {
  readonly config: SiteConfig;
  readonly secret: LoadedConfig['secret'];
  readonly path: LoadedConfig['path'];
  /** For what must be written even if the attempt fails. */
  readonly pool: pg.Pool;
  readonly rules: Pick<RuleStore, 'all'>;
  readonly backup: (wish: BackupWish) => ReturnType<typeof makeBackup>;
  /** Where backups go if nothing else is said. */
  readonly backupFolder: string;
}

/** @throws NotRetryableError naming the setting if no connector has this id. */
export function connectorOf(settings: Pick<HandlerSettings, 'config'>, connectorId: string): ConnectorConfig {
  const connector = settings.config.connectors.find(({ id }) => id === connectorId);
  if (!connector) {
    throw new NotRetryableError(`There is no connector with the id "${connectorId}" in the setting connectors. Add it to the site's configuration, restart, then redrive this job.`, { code: 'setting_missing' });
  }
  return connector;
}
