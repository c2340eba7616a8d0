/** What the console shows of backups. */
import { join } from 'node:path';
import type { BackupList } from '../../shared/operator-api/index.ts';
import { listBackups } from '../backup/list-backups.ts';
import { previewRule } from '../schedules/schedule-queries.ts';
import type { OperatorServices } from './services.ts';

const UNDER_WAY = ['running', 'waiting', 'retrying'] as const;

export async function backupList({ config, dataFolder, path, projection, workers }: OperatorServices): Promise<BackupList> {
  const { backup } = config;
  const folder = backup ? path(backup.folder) : join(dataFolder, 'backups');
  const measuredMs = Date.now();
  const found = (await Promise.all(UNDER_WAY.map((state) => projection.read.jobs({ jobType: 'BackupSiteJob', state }, null, 1)))).flatMap(({ rows }) => rows);
  const [job] = found;
  const rule = backup?.schedule ? previewRule(backup.schedule, measuredMs) : null;
  return {
    measuredMs, folder,
    keep: backup?.keep ?? null,
    passphrase: backup?.passphrase !== undefined,
    schedule: backup?.schedule && rule ? { cron: backup.schedule.cron, timeZone: backup.schedule.timeZone, words: `${rule.words}, ${backup.schedule.timeZone}`, nextMs: rule.nextMs[0] ?? null } : null,
    running: job ? { jobId: job.jobId, correlationId: job.correlationId, state: job.state as (typeof UNDER_WAY)[number], note: workers?.progressOf(job.jobId)?.note ?? null, lastError: job.lastError } : null,
    backups: listBackups(folder).map(({ name, manifest, bytes, problem }) => ({
      name, bytes, problem,
      markMs: manifest?.mark.atMs ?? null,
      tookMs: manifest?.tookMs ?? null,
      events: manifest?.streams.find(({ stream }) => stream === 'platform-events')?.state.messages ?? null,
      secrets: manifest?.secrets != null,
      version: manifest?.version ?? null,
      notIncluded: manifest?.notIncluded ?? [],
    })),
  };
}
