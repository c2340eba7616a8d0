/** One queue: what it does now, pause or resume it (first what it means, then the button), how many run at once. */
import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { QueueStatus } from '../../shared/operator-api/index.ts';
import { TIER_PROMISES } from '../../shared/tiers.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { formatCount, formatDuration, formatRate } from '../kit/format.ts';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { ConcurrencyForm } from './concurrency-form.tsx';

/** Panel beside the queues. */
export function QueuePanel({ queue, onClose }: { queue: QueueStatus; onClose(): void }): ReactElement {
  return (
    <SidePanel label={t('Queue')} title={<span className="mono">{queue.queue}</span>} onClose={onClose}>
      <Section title={t('Now')} aside={<Link to="/jobs" search={{ state: 'waiting', tier: queue.tier }}>{t('Show its jobs')}</Link>}>
        <Facts
          facts={[
            [t('Tier'), queue.tier],
            [t('Job types'), <span key="types" className="mono">{queue.jobTypes.join(', ')}</span>],
            [t('Waiting'), t('{waiting, number}, {deferred, number} for their time', { waiting: queue.waiting, deferred: queue.deferred })],
            [t('Running'), t('{running, number} of at most {most, number}', { running: queue.running, most: queue.concurrency })],
            [t('Per minute'), t('{enqueued} in, {completed} done, {failed} to be tried again, {dead} dead', { enqueued: formatRate(queue.perMinute.enqueued), completed: formatRate(queue.perMinute.completed), failed: formatRate(queue.perMinute.failed), dead: formatRate(queue.perMinute.dead) })],
          ]}
        />
      </Section>
      {queue.paused ? <Resume queue={queue} paused={queue.paused} /> : <Pause queue={queue} />}
      <ConcurrencyForm queue={queue} />
    </SidePanel>
  );
}

const refresh = (): void => void queryClient.invalidateQueries({ queryKey: api.tiers.queues.key() });

function Pause({ queue }: { queue: QueueStatus }): ReactElement {
  const [reason, setReason] = useState('');
  const pause = useMutation(
    api.tiers.pause.mutationOptions({
      onSuccess: () => {
        tellDone(t('Queue {queue} is paused', { queue: queue.queue }), <UndoPause queue={queue.queue} />);
        refresh();
      },
      onError: (error) => tellError(t('Queue {queue} was not paused', { queue: queue.queue }), error),
    }),
  );
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        pause.mutate({ queue: queue.queue, reason: reason.trim() });
      }}
    >
      <Section title={t('What pausing does')}>
        <ul>
          <li>{t('Workers stop taking jobs of this queue. {n, plural, =0 {No job waits now} one {# job waits now} other {# jobs wait now}}; new ones are kept and wait, too.', { n: queue.waiting })}</li>
          <li>{t('{n, plural, =0 {No job runs now.} one {The # job that runs now is not stopped.} other {The # jobs that run now are not stopped.}}', { n: queue.running })}</li>
          <li>{t('Jobs that wait longer than {time} count against the promise of {tier}.', { time: formatDuration(TIER_PROMISES[queue.tier].targetMs), tier: queue.tier })}</li>
          <li>{t('Nothing is lost: resuming runs what has waited, oldest first within its priority.')}</li>
        </ul>
      </Section>
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <Button type="submit" color="orange.8" loading={pause.isPending} disabled={reason.trim() === ''}>
        {t('Pause queue {queue}', { queue: queue.queue })}
      </Button>
    </form>
  );
}

/** In the notice, for a moment after a wrong press: the queue takes jobs again. */
function UndoPause({ queue }: { queue: string }): ReactElement {
  const undo = useMutation(
    api.tiers.resume.mutationOptions({
      onSuccess: () => {
        tellDone(t('Queue {queue} takes jobs again', { queue }));
        refresh();
      },
      onError: (error) => tellError(t('Queue {queue} was not resumed', { queue }), error),
    }),
  );
  return <button type="button" className="link-button" disabled={!undo.isIdle} onClick={() => undo.mutate({ queue })}>{t('Undo')}</button>;
}

function Resume({ queue, paused }: { queue: QueueStatus; paused: NonNullable<QueueStatus['paused']> }): ReactElement {
  const resume = useMutation(
    api.tiers.resume.mutationOptions({
      onSuccess: () => {
        tellDone(t('Queue {queue} takes jobs again', { queue: queue.queue }));
        refresh();
      },
      onError: (error) => tellError(t('Queue {queue} was not resumed', { queue: queue.queue }), error),
    }),
  );
  return (
    <div className="action-panel">
      <Section title={t('Paused')}>
        <Facts
          facts={[
            [t('By'), paused.operator],
            [t('Reason'), paused.reason],
            [t('Since'), <Ago key="since" at={paused.sinceMs} says="ago" />],
            [t('Waiting'), formatCount(queue.waiting)],
          ]}
        />
      </Section>
      <p>{t('Workers begin with the jobs that have waited, at most {n, number} at once.', { n: queue.concurrency })}</p>
      <Button loading={resume.isPending} onClick={() => resume.mutate({ queue: queue.queue })}>
        {t('Resume queue {queue}', { queue: queue.queue })}
      </Button>
    </div>
  );
}
