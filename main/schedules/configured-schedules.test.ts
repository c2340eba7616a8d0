import { expect, test } from 'vitest';
import { SiteConfig } from '../config/site-config.ts';
import { schedulesOf } from './configured-schedules.ts';

test('a site’s schedules are its own, those of its connectors, and that of its backups', () => {
  const config = SiteConfig.parse({
    schedules: [{ id: 'own', cron: '0 1 * * *', jobType: 'SyncConnectorDataJob' }],
    connectors: [{ id: 'crm', kind: 'feed', url: 'http://127.0.0.1:9/feed', mapping: '{}', schedule: { cron: '0 2 * * *' } }],
    backup: { folder: '/mnt/backup', schedule: { cron: '30 3 * * *', timeZone: 'Europe/Berlin' } },
  });
  expect(schedulesOf(config).map(({ id, cron, timeZone, jobType, missed }) => [id, cron, timeZone, jobType, missed])).toEqual([
    ['own', '0 1 * * *', 'UTC', 'SyncConnectorDataJob', 'once'],
    // One that was missed while the site was down is made up for: a site that is off at night has backups too.
    ['backup', '30 3 * * *', 'Europe/Berlin', 'BackupSiteJob', 'once'],
    ['connector-crm', '0 2 * * *', 'UTC', 'SyncConnectorDataJob', 'once'],
  ]);
});
