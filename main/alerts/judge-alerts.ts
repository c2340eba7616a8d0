/** Which alerts a measured site calls for. Pure. */
import type { AlertKind, AlertRule } from '../../shared/alert-rule.ts';
import { type Words, words } from '../../shared/i18n/translate.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';

/** What is wrong right now, in the eyes of one rule. */
export interface Trouble {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly severity: 'warning' | 'error';
  readonly words: Words;
  readonly link: string;
}

export interface Measured {
  readonly status: Pick<SiteStatus, 'tiers' | 'components' | 'deadLetters'>;
  /** Bytes; null if it can't be told. */
  readonly diskFree: number | null;
  /** ms; null if there is no backup, undefined if nobody asked. */
  readonly backupAgeMs: number | null | undefined;
}

const GIB = 1_073_741_824;
const HOUR_MS = 3_600_000;

export function judgeAlerts(rules: readonly AlertRule[], { status, diskFree, backupAgeMs }: Measured): Trouble[] {
  return rules.filter(({ enabled }) => enabled).flatMap(({ kind, threshold }): Trouble[] => {
    switch (kind) {
      case 'promise-broken':
        return status.tiers
          .filter(({ verdict }) => verdict === 'broken')
          .map(({ tier, late, started }) => ({ kind, subject: tier, severity: 'error', words: words('The promise of {tier} is broken: {late, number} of {started, plural, one {# job} other {# jobs}} started late in 15 min.', { tier, late, started }), link: '/tiers' }));
      case 'part-down':
        return status.components.filter(({ health }) => health === 'down').map(({ id, name }) => ({ kind, subject: id, severity: 'error', words: words('{part} is down.', { part: name }), link: '/' }));
      case 'dead-letters': {
        const { waiting } = status.deadLetters;
        return waiting > (threshold ?? 0) ? [{ kind, subject: '', severity: 'warning', words: words('{n, plural, one {# dead letter waits} other {# dead letters wait}} for a decision; you wanted to know of more than {threshold, number}.', { n: waiting, threshold: threshold ?? 0 }), link: '/dead-letters' }] : [];
      }
      case 'disk-low':
        return diskFree !== null && diskFree < (threshold ?? 0) * GIB
          ? [{ kind, subject: '', severity: 'error', words: words('The disk of the data folder has {free, number} GiB left. When it is full, publishing stops.', { free: Math.round((diskFree / GIB) * 10) / 10 }), link: '/' }]
          : [];
      case 'backup-old':
        if (backupAgeMs === undefined || (backupAgeMs !== null && backupAgeMs <= (threshold ?? 0) * HOUR_MS)) return [];
        return [{ kind, subject: '', severity: 'warning', words: backupAgeMs === null ? words('There is no backup.') : words('The newest backup is {hours, plural, one {# hour} other {# hours}} old.', { hours: Math.round(backupAgeMs / HOUR_MS) }), link: '/backups' }];
    }
  });
}

/** Names a trouble: raised once for as long as it lasts. */
export const keyOf = ({ kind, subject }: Pick<Trouble, 'kind' | 'subject'>): string => `${kind}:${subject}`;
