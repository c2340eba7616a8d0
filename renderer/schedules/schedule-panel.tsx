/** One schedule: its rule, its next times, what became of its slots, and what can be done with it. */
import { Button, Textarea } from '@mantine/core';
import { IconEdit, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useState } from 'react';
import { message, say, t } from '../../shared/i18n/translate.ts';
import type { ScheduleRow } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { Trans, Verbatim } from '../i18n/trans.tsx';
import { useNow } from '../kit/clock.ts';
import { cronWords } from '../kit/cron-words.ts';
import { formatMoment } from '../kit/format.ts';
import { Id, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { FiringSign } from './firing-sign.tsx';
import { SlotList } from './slot-list.tsx';
import { slotWords } from './slot-words.ts';

const OVERLAP_WORDS = { skip: message('the slot is left out'), queue: message('the slot waits, and fires once that job has ended') } as const;
const MISSED_WORDS = { once: message('it fires once for all of them'), skip: message('they are left out') } as const;

type Action = 'run' | 'pause' | 'resume' | 'remove';

/** Panel beside the list. */
export function SchedulePanel({ schedule, onEdit, onClose }: { schedule: ScheduleRow; onEdit(): void; onClose(): void }): ReactElement {
  const [action, setAction] = useState<Action | null>(null);
  const now = useNow();
  const byOperator = schedule.origin === 'operator';
  const overlap = OVERLAP_WORDS[schedule.overlap];
  const missed = MISSED_WORDS[schedule.missed];
  return (
    <SidePanel label={t('Schedule')} title={<span className="mono">{schedule.id}</span>} onClose={onClose}>
      {action === null ? (
        <div className="button-row">
          <Button leftSection={<IconPlayerPlay size={14} />} onClick={() => setAction('run')}>
            {t('Run now…')}
          </Button>
          <Button variant="default" leftSection={schedule.paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />} onClick={() => setAction(schedule.paused ? 'resume' : 'pause')}>
            {schedule.paused ? t('Resume…') : t('Pause…')}
          </Button>
          {byOperator ? (
            <>
              <Button variant="default" leftSection={<IconEdit size={14} />} onClick={onEdit}>
                {t('Change…')}
              </Button>
              <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setAction('remove')}>
                {t('Remove…')}
              </Button>
            </>
          ) : null}
        </div>
      ) : (
        <ActionForm key={action} action={action} schedule={schedule} close={() => setAction(null)} onRemoved={onClose} />
      )}
      {schedule.problem === null ? null : <ErrorNotice what={t('This schedule can’t fire')} error={new Error(say(schedule.problem))} />}
      <Section title={t('Next times')}>
        {schedule.paused ? <p className="quiet">{t('None while it is paused.')}</p> : <SlotList slots={schedule.nextMs} timeZone={schedule.timeZone} now={now} />}
      </Section>
      <Section title={t('Rule')}>
        <Facts
          facts={[
            [t('When'), cronWords(schedule.cron)],
            [t('Cron'), <span key="cron" className="mono">{schedule.cron}</span>],
            [t('Time zone'), schedule.timeZone],
            [t('Job type'), <JobType key="job" type={schedule.jobType} />],
            [t('Job before still runs'), t(overlap)],
            [t('Slots were missed'), t(missed)],
            [t('Comes from'), byOperator ? t('an operator') : t('the configuration file: its rule is changed there')],
            [t('Changed'), <Trans key="changed" message="<age/> by <who/>" parts={{ age: <Ago at={schedule.updatedMs} says="ago" />, who: <Verbatim text={schedule.updatedBy} /> }} />],
            ...(schedule.running ? [[t('Runs now'), <Id key="running" id={schedule.running.jobId} full />] as const] : []),
            ...(schedule.paused ? [[t('Paused'), t('by {who}: {reason}', { who: schedule.paused.operator, reason: schedule.paused.reason })] as const] : []),
          ]}
        />
      </Section>
      <Section title={t('Input')}>
        <JsonTree value={schedule.input} label={t('input')} />
      </Section>
      <History id={schedule.id} now={now} />
    </SidePanel>
  );
}

function History({ id, now }: { id: string; now: number }): ReactElement {
  const [limit, setLimit] = useState(20);
  const history = useQuery(api.schedules.history.queryOptions({ input: { id, limit }, refetchInterval: 2_000 }));
  return (
    <Section title={t('History')}>
      {history.error ? <ErrorNotice what={t('The history could not be read')} error={history.error} retry={() => void history.refetch()} /> : null}
      {history.data === undefined ? history.error ? null : <SkeletonRows rows={3} /> : history.data.firings.length === 0 ? <p className="quiet">{t('No slot has come by yet.')}</p> : (
        <>
          <table className="table firings">
            <thead>
              <tr><th>{t('Slot')}</th><th>{t('What became of it')}</th><th>{t('Job')}</th></tr>
            </thead>
            <tbody>
              {history.data.firings.map((firing) => (
                <tr key={firing.slotMs}>
                  <td title={formatMoment(firing.slotMs)} className="num">{slotWords(firing.slotMs, now)}</td>
                  <td><FiringSign firing={firing} /></td>
                  <td>{firing.jobId === null ? <span className="missing">—</span> : <Link className="mono" to="/traces" search={{ q: firing.jobId }}>{firing.jobId.slice(0, 8)}…</Link>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {history.data.more ? <button type="button" className="link-button" onClick={() => setLimit((before) => Math.min(500, before * 2))}>{t('Show older ones')}</button> : null}
        </>
      )}
    </Section>
  );
}

const WORDS: Record<Action, { title: string; verb: string; done: string; reasonNeeded: boolean; color?: string }> = {
  run: { title: message('What running it now does'), verb: message('Run 1 job now'), done: message('{schedule} is fired by hand'), reasonNeeded: false },
  pause: { title: message('What pausing does'), verb: message('Pause 1 schedule'), done: message('{schedule} is paused'), reasonNeeded: true, color: 'orange.8' },
  resume: { title: message('What resuming does'), verb: message('Resume 1 schedule'), done: message('{schedule} fires again'), reasonNeeded: false },
  remove: { title: message('What removing does'), verb: message('Remove 1 schedule'), done: message('{schedule} is removed'), reasonNeeded: true, color: 'red.8' },
};

function consequences(action: Action, schedule: ScheduleRow): ReactNode {
  if (action === 'run') {
    return (
      <>
        {[
          t('Puts one {jobType} on its queue, with the input below, beside the slots: those stay as they are.', { jobType: schedule.jobType }),
          ...(schedule.running ? [t('The job of an earlier firing has not ended; this one may run beside it.')] : []),
          ...(schedule.paused ? [t('It stays paused.')] : []),
        ].join(' ')}
      </>
    );
  }
  if (action === 'pause') return t('It fires no more until it is resumed. Slots in between are not made up for. What runs now is not stopped.');
  if (action === 'resume') return t('It fires from its next slot on. The slots that came by while it was paused are not made up for.');
  return t('It fires no more, and its history goes with it. Jobs that it has put on the queues stay there. This can’t be undone.');
}

function ActionForm({ action, schedule, close, onRemoved }: { action: Action; schedule: ScheduleRow; close(): void; onRemoved(): void }): ReactElement {
  const [reason, setReason] = useState('');
  const { title, verb, done, reasonNeeded, color } = WORDS[action];
  const handlers = {
    onSuccess: (answer: { id: string; correlationId?: string }) => {
      tellDone(t(done, { schedule: schedule.id }), answer.correlationId === undefined ? '' : <Link to="/traces/$correlationId" params={{ correlationId: answer.correlationId }}>{t('Watch it in its trace')}</Link>);
      void queryClient.invalidateQueries({ queryKey: api.schedules.key() });
      close();
      if (action === 'remove') onRemoved();
    },
    onError: (error: unknown) => tellError(t('{schedule} was not changed', { schedule: schedule.id }), error),
  };
  const run = useMutation(api.schedules.runNow.mutationOptions(handlers));
  const pause = useMutation(api.schedules.pause.mutationOptions(handlers));
  const resume = useMutation(api.schedules.resume.mutationOptions(handlers));
  const remove = useMutation(api.schedules.remove.mutationOptions(handlers));
  const mutation = { run, pause, resume, remove }[action];
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        mutation.mutate({ id: schedule.id, reason: reason.trim() });
      }}
    >
      <strong>{t(title)}</strong>
      <p className="consequence">{consequences(action, schedule)}</p>
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} required={reasonNeeded} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" {...(color === undefined ? {} : { color })} loading={mutation.isPending} disabled={reasonNeeded && reason.trim() === ''}>
          {t(verb)}
        </Button>
        <Button variant="default" onClick={close}>
          {t('Cancel')}
        </Button>
      </div>
    </form>
  );
}
