/** Changing settings, with its audit event. */
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import type { SiteSettings } from '../../shared/operator-api/index.ts';
import type { SettingValue } from '../../shared/site-settings.ts';
import { inTransaction } from '../database/database.ts';
import type { RequestContext } from '../operator-api/services.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';

/**
 * Write settings into the configuration file. The file is written while the audit's transaction is open: a file that is refused leaves
 * no audit event, and a process that dies in between leaves at worst a change that the file's own date tells of.
 * @throws ConfigError that names the setting.
 */
export async function changeSettings({ services, operator }: RequestContext, { changes, reason }: { changes: readonly { path: string; value: SettingValue }[]; reason?: string | undefined }): Promise<SiteSettings> {
  const before = new Map(services.settings.read().settings.map(({ path, next }) => [path, next]));
  await inTransaction(services.database.intake, async (tx) => {
    await putIntoOutbox(tx, [
      createTyped({ eventType: 'system.SettingsChanged', source: services.source, data: { changes: changes.map(({ path, value }) => ({ path, from: before.get(path) ?? null, to: value })), operator, ...(reason ? { reason } : {}) } }) as Envelope,
    ]);
    services.settings.change(changes);
  });
  services.committed([]);
  return services.settings.read();
}
