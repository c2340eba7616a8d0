/** One schedule: its rule, its next times, what became of its slots, and what can be done with it. */
import { Button, Textarea } from '@mantine/core';
import { IconEdit, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useState } from 'react';
import type { ScheduleRow } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { useNow } from '../kit/clock.ts';
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

const OVERLAP_WORDS = { skip: 'the slot is left out', queue: 'the slot waits, and fires once that job has ended' } as const;
const MISSED_WORDS = { once: 'it fires once for all of them', skip: 'they are left out' } as const;

type Action = 'run' | 'pause' | 'resume' | 'remove';

/** Panel beside the list. */
export function SchedulePanel({ schedule, onEdit, onClose }: { schedule: ScheduleRow; onEdit(): void; onClose(): void }): ReactElement {
  const [action, setAction] = useState<Action | null>(null);
  const now = useNow();
  const byOperator = schedule.origin === 'operator';
  return (
    <SidePanel label="Schedule" title={<span className="mono">{schedule.id}</span>} onClose={onClose}>
      {action === null ? (
        <div className="button-row">
          <Button leftSection={<IconPlayerPlay size={14} />} onClick={() => setAction('run')}>
            Run now…
          </Button>
          <Button variant="default" leftSection={schedule.paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />} onClick={() => setAction(schedule.paused ? 'resume' : 'pause')}>
            {schedule.paused ? 'Resume…' : 'Pause…'}
          </Button>
          {byOperator ? (
            <>
              <Button variant="default" leftSection={<IconEdit size={14} />} onClick={onEdit}>
                Change…
              </Button>
              <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setAction('remove')}>
                Remove…
              </Button>
            </>
          ) : null}
        </div>
      ) : (
        <ActionForm key={action} action={action} schedule={schedule} close={() => setAction(null)} onRemoved={onClose} />
      )}
      {schedule.problem === null ? null : <ErrorNotice what="This schedule can’t fire" error={new Error(schedule.problem)} />}
      <Section title="Next times">
        {schedule.paused ? <p className="quiet">None while it is paused.</p> : <SlotList slots={schedule.nextMs} timeZone={schedule.timeZone} now={now} />}
      </Section>
      <Section title="Rule">
        <Facts
          facts={[
            ['When', schedule.words],
            ['Cron', <span key="cron" className="mono">{schedule.cron}</span>],
            ['Time zone', schedule.timeZone],
            ['Job type', <JobType key="job" type={schedule.jobType} />],
            ['Job before still runs', OVERLAP_WORDS[schedule.overlap]],
            ['Slots were missed', MISSED_WORDS[schedule.missed]],
            ['Comes from', byOperator ? 'an operator' : 'the configuration file: its rule is changed there'],
            ['Changed', <span key="changed"><Ago at={schedule.updatedMs} says="ago" /> by {schedule.updatedBy}</span>],
            ...(schedule.running ? [['Runs now', <Id key="running" id={schedule.running.jobId} full />] as const] : []),
            ...(schedule.paused ? [['Paused', `by ${schedule.paused.operator}: ${schedule.paused.reason}`] as const] : []),
          ]}
        />
      </Section>
      <Section title="Input">
        <JsonTree value={schedule.input} label="input" />
      </Section>
      <History id={schedule.id} now={now} />
    </SidePanel>
  );
}

function History({ id, now }: { id: string; now: number }): ReactElement {
  const [limit, setLimit] = useState(20);
  const history = useQuery(api.schedules.history.queryOptions({ input: { id, limit }, refetchInterval: 2_000 }));
  return (
    <Section title="History">
      {history.error ? <ErrorNotice what="The history could not be read" error={history.error} retry={() => void history.refetch()} /> : null}
      {history.data === undefined ? history.error ? null : <SkeletonRows rows={3} /> : history.data.firings.length === 0 ? <p className="quiet">No slot has come by yet.</p> : (
        <>
          <table className="table firings">
            <thead>
              <tr><th>Slot</th><th>What became of it</th><th>Job</th></tr>
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
          {history.data.more ? <button type="button" className="link-button" onClick={() => setLimit((before) => Math.min(500, before * 2))}>Show older ones</button> : null}
        </>
      )}
    </Section>
  );
}

const WORDS: Record<Action, { title: string; verb: string; done: string; reasonNeeded: boolean; color?: string }> = {
  run: { title: 'What running it now does', verb: 'Run 1 job now', done: 'fired by hand', reasonNeeded: false },
  pause: { title: 'What pausing does', verb: 'Pause 1 schedule', done: 'paused', reasonNeeded: true, color: 'orange.8' },
  resume: { title: 'What resuming does', verb: 'Resume 1 schedule', done: 'fires again', reasonNeeded: false },
  remove: { title: 'What removing does', verb: 'Remove 1 schedule', done: 'removed', reasonNeeded: true, color: 'red.8' },
};

function consequences(action: Action, schedule: ScheduleRow): ReactNode {
  if (action === 'run') {
    return (
      <>
        Puts one {schedule.jobType} on its queue, with the input below, beside the slots: those stay as they are.
        {schedule.running ? ' The job of an earlier firing has not ended; this one may run beside it.' : ''}
        {schedule.paused ? ' It stays paused.' : ''}
      </>
    );
  }
  if (action === 'pause') return 'It fires no more until it is resumed. Slots in between are not made up for. What runs now is not stopped.';
  if (action === 'resume') return 'It fires from its next slot on. The slots that came by while it was paused are not made up for.';
  return 'It fires no more, and its history goes with it. Jobs that it has put on the queues stay there. This can’t be undone.';
}

function ActionForm({ action, schedule, close, onRemoved }: { action: Action; schedule: ScheduleRow; close(): void; onRemoved(): void }): ReactElement {
  const [reason, setReason] = useState('');
  const { title, verb, done, reasonNeeded, color } = WORDS[action];
  const handlers = {
    onSuccess: (answer: { id: string; correlationId?: string }) => {
      tellDone(`${schedule.id} is ${done}`.replace('is fires', 'fires'), answer.correlationId === undefined ? '' : <Link to="/traces/$correlationId" params={{ correlationId: answer.correlationId }}>Watch it in its trace</Link>);
      void queryClient.invalidateQueries({ queryKey: api.schedules.key() });
      close();
      if (action === 'remove') onRemoved();
    },
    onError: (error: unknown) => tellError(`${schedule.id} was not changed`, error),
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
      <strong>{title}</strong>
      <p className="consequence">{consequences(action, schedule)}</p>
      <Textarea label="Reason" description="Kept with the audit event" required={reasonNeeded} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" {...(color === undefined ? {} : { color })} loading={mutation.isPending} disabled={reasonNeeded && reason.trim() === ''}>
          {verb}
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
