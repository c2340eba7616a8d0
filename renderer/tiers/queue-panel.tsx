/** Pause or resume a queue: first what it means, then the button. */
import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import type { QueueStatus } from '../../shared/operator-api/index.ts';
import { TIER_PROMISES } from '../../shared/tiers.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { countOf, formatCount, formatDuration } from '../kit/format.ts';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';

/** Panel beside the queues. */
export function QueuePanel({ queue, onClose }: { queue: QueueStatus; onClose(): void }): ReactElement {
  return (
    <SidePanel label="Queue" title={<span className="mono">{queue.queue}</span>} onClose={onClose}>
      {queue.paused ? <Resume key={queue.queue} queue={queue} paused={queue.paused} /> : <Pause key={queue.queue} queue={queue} />}
    </SidePanel>
  );
}

const refresh = (): void => void queryClient.invalidateQueries({ queryKey: api.tiers.queues.key() });

function Pause({ queue }: { queue: QueueStatus }): ReactElement {
  const [reason, setReason] = useState('');
  const pause = useMutation(
    api.tiers.pause.mutationOptions({
      onSuccess: () => {
        tellDone(`Queue ${queue.queue} is paused`);
        refresh();
      },
      onError: (error) => tellError(`Queue ${queue.queue} was not paused`, error),
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
      <Section title="What pausing does">
        <ul>
          <li>Workers stop taking jobs of this queue. {queue.waiting === 0 ? 'No job waits now' : `${countOf(queue.waiting, 'job')} ${queue.waiting === 1 ? 'waits' : 'wait'} now`}; new ones are kept and wait, too.</li>
          <li>{queue.running === 0 ? 'No job runs now.' : `The ${countOf(queue.running, 'job')} that ${queue.running === 1 ? 'runs' : 'run'} now ${queue.running === 1 ? 'is' : 'are'} not stopped.`}</li>
          <li>Jobs that wait longer than {formatDuration(TIER_PROMISES[queue.tier].targetMs)} count against the promise of {queue.tier}.</li>
          <li>Nothing is lost: resuming runs what has waited, oldest first within its priority.</li>
        </ul>
      </Section>
      <Textarea label="Reason" description="Kept with the audit event" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <Button type="submit" color="orange.8" loading={pause.isPending} disabled={reason.trim() === ''}>
        Pause queue {queue.queue}
      </Button>
    </form>
  );
}

function Resume({ queue, paused }: { queue: QueueStatus; paused: NonNullable<QueueStatus['paused']> }): ReactElement {
  const resume = useMutation(
    api.tiers.resume.mutationOptions({
      onSuccess: () => {
        tellDone(`Queue ${queue.queue} takes jobs again`);
        refresh();
      },
      onError: (error) => tellError(`Queue ${queue.queue} was not resumed`, error),
    }),
  );
  return (
    <div className="action-panel">
      <Section title="Paused">
        <Facts
          facts={[
            ['By', paused.operator],
            ['Reason', paused.reason],
            ['Since', <Ago key="since" at={paused.sinceMs} says="ago" />],
            ['Waiting', formatCount(queue.waiting)],
          ]}
        />
      </Section>
      <p>Workers begin with the jobs that have waited, at most {formatCount(queue.concurrency)} at once.</p>
      <Button loading={resume.isPending} onClick={() => resume.mutate({ queue: queue.queue })}>
        Resume queue {queue.queue}
      </Button>
    </div>
  );
}
