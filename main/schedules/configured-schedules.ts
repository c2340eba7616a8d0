/** The schedules of the configuration file, brought into the table at every start. */
import type pg from 'pg';
import type { ScheduleDefinition } from '../../shared/operator-api/index.ts';
import type { SiteConfig } from '../config/site-config.ts';
import { inTransaction } from '../database/database.ts';
import { allSchedules, deleteSchedule, insertSchedule, updateSchedule } from './schedule-store.ts';

/** The id of the schedule by which a connector syncs. */
export const connectorScheduleId = (connectorId: string): string => `connector-${connectorId}`;

/** All schedules of a site's file: its own, those of its connectors, and that of its backups. */
export function schedulesOf(config: SiteConfig): (ScheduleDefinition & { id: string })[] {
  return [
    ...config.schedules,
    ...(config.backup?.schedule ? [{ id: 'backup', ...config.backup.schedule, jobType: 'BackupSiteJob', input: {}, overlap: 'skip' as const, missed: 'once' as const }] : []),
    ...config.connectors.flatMap(({ id, schedule }) =>
      schedule ? [{ id: connectorScheduleId(id), ...schedule, jobType: 'SyncConnectorDataJob', input: { connectorId: id }, overlap: 'skip' as const, missed: 'once' as const }] : [],
    ),
  ];
}

/**
 * Make the table agree with the file. What operators made stays, unless the file now has one of that name; what the file
 * no longer has goes. A pause holds on. A rule that did not change keeps what was decided, so that slots missed while the
 * site was down are known as such.
 */
export async function syncConfiguredSchedules(pool: pg.Pool, config: SiteConfig, nowMs: number): Promise<void> {
  const wanted = schedulesOf(config);
  await inTransaction(pool, async (tx) => {
    await tx.query('LOCK TABLE spine.schedule IN SHARE ROW EXCLUSIVE MODE');
    const known = new Map((await allSchedules(tx)).map((schedule) => [schedule.id, schedule]));
    for (const schedule of wanted) {
      const before = known.get(schedule.id);
      known.delete(schedule.id);
      if (before) await updateSchedule(tx, before, { ...schedule, origin: 'config' }, before.origin === 'config' ? before.updatedBy : 'configuration', nowMs);
      else await insertSchedule(tx, { ...schedule, origin: 'config' }, 'configuration', nowMs);
    }
    for (const { id, origin } of known.values()) if (origin === 'config') await deleteSchedule(tx, id);
  });
}
