/** What is watched: each kind of trouble, from when on it is an alert, and how it is told. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { ALERT_WORDS, type AlertKind, type AlertRule } from '../../shared/alert-rule.ts';
import { t } from '../../shared/i18n/translate.ts';
import { formatDuration } from '../kit/format.ts';
import { OnSign } from '../kit/status.tsx';

/** See the file. */
export function RuleTable({ rules, onOpen }: { rules: readonly AlertRule[]; onOpen(kind: AlertKind): void }): ReactElement {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr><th>{t('About')}</th><th>{t('State')}</th><th>{t('Threshold')}</th><th className="right">{t('Must hold for')}</th><th>{t('Told by')}</th><th className="right">{t('Action')}</th></tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.kind}>
              <td><button type="button" className="link-button" onClick={() => onOpen(rule.kind)}>{t(ALERT_WORDS[rule.kind].title)}</button></td>
              <td><OnSign on={rule.enabled} /></td>
              <td>{fromWords(rule)}</td>
              <td className="right">{rule.holdMs === 0 ? t('a moment') : formatDuration(rule.holdMs)}</td>
              <td>{rule.channel === null ? t('console and desktop') : t('console, desktop, {channel}', { channel: rule.channel })}</td>
              <td>
                <div className="queue-action">
                  <Button variant="default" size="compact-xs" onClick={() => onOpen(rule.kind)} aria-label={t('Change: {title}', { title: t(ALERT_WORDS[rule.kind].title) })}>
                    {t('Change…')}
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function fromWords({ kind, threshold }: AlertRule): string {
  switch (kind) {
    case 'dead-letters': return t('more than {n, number}', { n: threshold ?? 0 });
    case 'disk-low': return t('less than {n, number} GiB free', { n: threshold ?? 0 });
    case 'backup-old': return t('older than {n, plural, one {# hour} other {# hours}}', { n: threshold ?? 0 });
    default: return '—';
  }
}
