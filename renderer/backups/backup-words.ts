/** The one line that answers: could we get back what we have? */
import type { BackupList } from '../../shared/operator-api/index.ts';
import { formatAge } from '../kit/format.ts';

/** @param now epoch ms. */
export function backupAnswer({ backups, schedule }: Pick<BackupList, 'backups' | 'schedule'>, now: number): string {
  const newest = backups.find(({ markMs }) => markMs !== null);
  const damaged = backups.filter(({ problem }) => problem !== null).length;
  const bad = damaged === 0 ? '' : ` ${damaged} can’t be read.`;
  if (!newest?.markMs) return `There is no backup: a lost disk would lose everything.${bad}`;
  const next = schedule?.nextMs == null ? 'None is planned.' : `The next one is due in ${formatAge(schedule.nextMs - now)}.`;
  return `A lost disk would cost what happened in the last ${formatAge(now - newest.markMs)}. ${next}${bad}`;
}
