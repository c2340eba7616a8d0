/** All queues now. */
import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { QueueStatus } from '../../shared/operator-api/index.ts';
import { TIERS } from '../../shared/tiers.ts';
import { formatCount, formatDuration, formatRate } from '../kit/format.ts';
import { PausedSign } from '../kit/status.tsx';

/** See the file. */
export function QueueTable({ status, onOpen }: { status: { queues: QueueStatus[] }; onOpen(queue: string): void }): ReactElement {
  const sorted = [...status.queues].sort((a, b) => TIERS.indexOf(a.tier) - TIERS.indexOf(b.tier) || a.queue.localeCompare(b.queue));
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>{t('Queue')}</th><th>{t('Tier')}</th><th className="right">{t('Waiting')}</th><th className="right">{t('Deferred')}</th><th className="right">{t('Running')}</th>
            <th className="right">{t('At once')}</th><th className="right">{t('Oldest')}</th><th className="right" title={t('Over the last minutes')}>{t('Done per min')}</th><th className="right" title={t('Over the last minutes')}>{t('Retries per min')}</th><th className="right">{t('Completed')}</th><th>{t('State')}</th><th className="right">{t('Action')}</th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((queue) => (
            <tr key={queue.queue}>
              <td><button type="button" className="link-button mono" onClick={() => onOpen(queue.queue)}>{queue.queue}</button></td>
              <td>{queue.tier}</td>
              <td className="right">{formatCount(queue.waiting)}</td>
              <td className="right">{formatCount(queue.deferred)}</td>
              <td className="right">{formatCount(queue.running)}</td>
              <td className="right">{formatCount(queue.concurrency)}{queue.concurrencyChanged ? <span className="quiet" title={t('Changed by {operator}: {reason}', { operator: queue.concurrencyChanged.operator, reason: queue.concurrencyChanged.reason })}> *</span> : null}</td>
              <td className="right">{formatDuration(queue.oldestMs)}</td>
              <td className="right">{formatRate(queue.perMinute.completed)}</td>
              <td className={queue.perMinute.failed > 0 ? 'right tone-retrying' : 'right'}>{formatRate(queue.perMinute.failed)}</td>
              <td className="right">{formatCount(queue.completedTotal)}</td>
              <td title={queue.paused?.reason}>{queue.paused ? <PausedSign /> : <Taking queue={queue} />}</td>
              <td>
                <div className="queue-action">
                  <Button variant="default" size="compact-xs" onClick={() => onOpen(queue.queue)} aria-label={queue.paused ? t('Resume {queue}', { queue: queue.queue }) : t('Pause {queue}', { queue: queue.queue })}>
                    {queue.paused ? t('Resume…') : t('Pause…')}
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

/** What the workers do with a queue that is not paused. */
function Taking({ queue }: { queue: QueueStatus }): ReactElement {
  if (!queue.givesWay || queue.waiting === 0) return <span className="quiet">{t('taking jobs')}</span>;
  return <span className="quiet" title={t('Faster tiers are at work: it takes two jobs at a time, until one has waited for five minutes.')}>{t('giving way')}</span>;
}
