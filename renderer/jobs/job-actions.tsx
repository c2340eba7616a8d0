/** What can be done to one job: cancel it, let it try again now, move it to the front. Each says first what it does. */
import { Button, Modal, TextInput } from '@mantine/core';
import { IconBan, IconPlayerSkipForward, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { JobDetail } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { tellDone, tellError } from '../kit/toasts.tsx';

/** Buttons of the actions that the job's state allows. */
export function JobActions({ detail: { job, definition } }: { detail: JobDetail }): ReactElement | null {
  const [cancelling, setCancelling] = useState(false);
  const refresh = (): void => {
    void queryClient.invalidateQueries({ queryKey: api.traces.job.key() });
    void queryClient.invalidateQueries({ queryKey: api.jobs.key() });
  };
  const retryNow = useMutation(
    api.jobs.retryNow.mutationOptions({
      onSuccess: () => {
        tellDone(t('Its next attempt is due now'));
        refresh();
      },
      onError: (error) => tellError(t('The next attempt was not made due'), error),
    }),
  );
  const moveToFront = useMutation(
    api.jobs.moveToFront.mutationOptions({
      onSuccess: ({ priority }) => {
        tellDone(t('It is the next of {queue}', { queue: job.queue }), t('Priority {priority, number}', { priority }));
        refresh();
      },
      onError: (error) => tellError(t('The job was not moved'), error),
    }),
  );
  const { jobId, state } = job;
  if (state !== 'waiting' && state !== 'running' && state !== 'retrying') return null;
  return (
    <div className="button-row">
      {state === 'retrying' ? (
        <Button variant="default" leftSection={<IconRefresh size={14} />} loading={retryNow.isPending} onClick={() => retryNow.mutate({ jobId })} title={t('Its next attempt, number {n, number} of at most {most}, is due at once', { n: job.attempts + 1, most: definition?.maxAttempts ?? '?' })}>
          {t('Retry now')}
        </Button>
      ) : null}
      {state === 'waiting' ? (
        <Button variant="default" leftSection={<IconPlayerSkipForward size={14} />} loading={moveToFront.isPending} onClick={() => moveToFront.mutate({ jobId })} title={t('A priority above all that wait in {queue}', { queue: job.queue })}>
          {t('Move to the front')}
        </Button>
      ) : null}
      <Button variant="default" leftSection={<IconBan size={14} />} onClick={() => setCancelling(true)}>
        {t('Cancel…')}
      </Button>
      <CancelDialog key={jobId} detail={{ job, definition }} opened={cancelling} onClose={() => setCancelling(false)} onDone={refresh} />
    </div>
  );
}

function CancelDialog({ detail: { job, definition }, opened, onClose, onDone }: { detail: Pick<JobDetail, 'job' | 'definition'>; opened: boolean; onClose(): void; onDone(): void }): ReactElement {
  const [reason, setReason] = useState('');
  const cancel = useMutation(
    api.jobs.cancel.mutationOptions({
      onSuccess: ({ outcome }) => {
        tellDone(outcome === 'cancelled' ? t('The job is cancelled') : t('The job has been told to stop'), t('It is kept as a dead letter.'));
        onDone();
        onClose();
      },
      onError: (error) => tellError(t('The job was not cancelled'), error),
    }),
  );
  const running = job.state === 'running';
  return (
    <Modal opened={opened} onClose={onClose} title={t('Cancel 1 job')} closeButtonProps={{ 'aria-label': t('Close') }} transitionProps={{ duration: 0 }}>
      <form
        className="action-panel"
        onSubmit={(event) => {
          event.preventDefault();
          cancel.mutate({ jobId: job.jobId, reason: reason.trim() });
        }}
      >
        <ul>
          <li>{running ? t('{jobType} runs now: its handler is told to stop. What it has already done outside stays done.', { jobType: job.jobType }) : t('{jobType} is taken off its queue. It does not run.', { jobType: job.jobType })}</li>
          {running && definition?.replaySafety === 'unsafe' ? <li>{t('Running it again later may repeat what this attempt has done outside.')}</li> : null}
          <li>{t('It becomes a dead letter and can be redriven from there.')}</li>
        </ul>
        <TextInput label={t('Reason')} description={t('Kept with the audit event')} required data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} />
        <div className="button-row">
          <Button type="submit" color="red.9" loading={cancel.isPending} disabled={reason.trim() === ''}>{t('Cancel 1 job')}</Button>
          <Button variant="default" onClick={onClose}>{t('Keep it')}</Button>
        </div>
      </form>
    </Modal>
  );
}
