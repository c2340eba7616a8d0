/** The one line that answers: could we get back what we have? */
import { t } from '../../shared/i18n/translate.ts';
import type { BackupList } from '../../shared/operator-api/index.ts';
import { formatAge } from '../kit/format.ts';

/** @param now epoch ms. */
export function backupAnswer({ backups, schedule }: { readonly backups: BackupList['backups']; readonly schedule: Pick<NonNullable<BackupList['schedule']>, 'nextMs'> | null }, now: number): string {
  const newest = backups.find(({ markMs }) => markMs !== null);
  const damaged = backups.filter(({ problem }) => problem !== null).length;
  const bad = damaged === 0 ? '' : ` ${t('{n, number} can’t be read.', { n: damaged })}`;
  if (!newest?.markMs) return t('There is no backup: a lost disk would lose everything.') + bad;
  const next = schedule?.nextMs == null ? t('None is planned.') : t('The next one is due in {time}.', { time: formatAge(schedule.nextMs - now) });
  return `${t('A lost disk would cost what happened in the last {time}.', { time: formatAge(now - newest.markMs) })} ${next}${bad}`;
}
