/** One dead letter: what it wanted, what went wrong each time, and the decision. */
import { Button, Checkbox, Textarea } from '@mantine/core';
import { IconEdit, IconHierarchy2, IconRotateClockwise, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import type { DeadLetterDetail, DeadLetterRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { EventLink } from '../flow/event-panel.tsx';
import { AttemptList } from '../kit/attempts.tsx';
import { formatCount, shortId } from '../kit/format.ts';
import { Id, JobType, TraceId } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { DeadLetterSign } from '../kit/status.tsx';
import { Ago, Clock } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { tellDiscarded, UndoButton } from './discard-dialog.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { refreshDeadLetters } from './redrive-dialog.tsx';

export const REASON_WORDS: Record<DeadLetterRow['reason'], string> = {
  'retries-exhausted': 'retries exhausted',
  'not-retryable': 'not retryable',
  cancelled: 'cancelled',
  'worker-lost': 'worker lost',
};

const SAFETY_WORDS = {
  idempotent: 'free to run again',
  guarded: 'the outside system honours the idempotency key',
  unsafe: 'its effect may happen twice',
} as const;

/** Panel beside the list. */
export function DeadLetterPanel({ deadLetterId, onClose }: { deadLetterId: string; onClose(): void }): ReactElement {
  const detail = useQuery(
    // A redrive hands its jobs out a moment after it was ordered, and another person may decide meanwhile.
    api.deadLetters.get.queryOptions({ input: { deadLetterId }, refetchInterval: ({ state }) => (state.data?.row.status === 'waiting' ? 1_000 : false) }),
  );
  const data = detail.data?.row.deadLetterId === deadLetterId ? detail.data : undefined;
  return (
    <SidePanel label="Dead letter" title={data ? <JobType type={data.row.jobType} /> : 'Dead letter'} onClose={onClose}>
      {data ? <Body detail={data} /> : detail.error ? <ErrorNotice what="This dead letter could not be read" error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

function Body({ detail }: { detail: DeadLetterDetail }): ReactElement {
  const { row, decision } = detail;
  const [action, setAction] = useState<'redrive' | 'discard' | null>(null);
  const [editing, setEditing] = useState(false);
  return (
    <>
      {row.status === 'waiting' && action === null ? (
        <div className="button-row">
          <Button leftSection={<IconRotateClockwise size={14} />} onClick={() => setAction('redrive')}>
            Redrive…
          </Button>
          <Button variant="default" leftSection={<IconEdit size={14} />} disabled={detail.inputSchema === null} onClick={() => setEditing(true)}>
            Edit and redrive…
          </Button>
          <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setAction('discard')}>
            Discard…
          </Button>
          <TraceButton correlationId={row.correlationId} jobId={row.deadLetterId} />
        </div>
      ) : null}
      {row.status === 'waiting' && action === 'redrive' ? <Redrive detail={detail} cancel={() => setAction(null)} /> : null}
      {row.status === 'waiting' && action === 'discard' ? <Discard detail={detail} cancel={() => setAction(null)} /> : null}
      {editing ? <EditDialog detail={detail} onClose={() => setEditing(false)} /> : null}
      {row.status === 'waiting' ? null : (
        <>
          <div className="button-row">
            {detail.undoUntilMs === null ? null : <UndoButton what={{ deadLetterId: row.deadLetterId }} />}
            <TraceButton correlationId={row.correlationId} jobId={row.deadLetterId} />
          </div>
          <Section title="Decision" aside={<DeadLetterSign status={row.status} />}>
            <Facts
              facts={[
                ['By', decision?.operator ?? '—'],
                ['Reason', decision?.reason === '' ? 'none given' : (decision?.reason ?? '—')],
                ['When', <Ago key="when" at={decision?.atMs} says="ago" />],
                ...(row.redrivenAs === null
                  ? []
                  : [['Runs again as', <Link key="as" className="mono" to="/traces/$correlationId" params={{ correlationId: row.correlationId }} search={{ node: `job:${row.redrivenAs}` }}>{row.redrivenAs}</Link>] as const]),
              ]}
            />
          </Section>
        </>
      )}
      <Section title="Job">
        <Facts
          facts={[
            ['Job id', <Id key="id" id={row.deadLetterId} full />],
            ['Queue', `${row.queue}${row.queue === row.tier ? '' : ` (${row.tier})`}`],
            ['Died', <span key="died"><Clock at={row.diedMs} /> <span className="quiet">(<Ago at={row.diedMs} says="ago" />)</span></span>],
            ['Because', REASON_WORDS[row.reason]],
            ['Attempts', formatCount(row.attempts)],
            ...(row.family === null ? [] : [['Family', <Link key="f" to="/dead-letters" search={{ family: row.family, letter: row.deadLetterId }}>others of the same cause</Link>] as const]),
            ...detail.redrives.map(({ redriveId, state, atMs }) => [redriveId === detail.redrives[0]?.redriveId ? 'In redrive' : `In redrive ${shortId(redriveId)}`, <span key={redriveId}><Link to="/redrives" search={{ redrive: redriveId }}>{shortId(redriveId)}</Link> <span className="quiet">{state}, <Ago at={atMs} says="ago" /></span></span>] as const),
            ['Correlation', <TraceId key="c" id={row.correlationId} full />],
            ['Idempotency key', <Id key="k" id={detail.idempotencyKey} full />],
            ['Running it again', detail.replaySafety === null ? 'unknown: the job type is not in the catalogue' : `${detail.replaySafety}: ${SAFETY_WORDS[detail.replaySafety]}`],
          ]}
        />
      </Section>
      <Section title="Attempts">
        <AttemptList attempts={detail.attempts} />
      </Section>
      <Section title="Input">
        <JsonTree value={detail.input} label="input" />
      </Section>
      <Section title="Triggered by">
        {detail.triggeringEvent ? <ul className="effects"><li><EventLink event={detail.triggeringEvent} /></li></ul> : <Id id={row.triggeringEventId} full />}
      </Section>
    </>
  );
}

function TraceButton({ correlationId, jobId }: { correlationId: string; jobId: string }): ReactElement {
  return (
    <Button component={Link} to={`/traces/${correlationId}?node=${encodeURIComponent(`job:${jobId}`)}`} variant="default" leftSection={<IconHierarchy2 size={14} />}>
      Open trace
    </Button>
  );
}

function Redrive({ detail, cancel }: { detail: DeadLetterDetail; cancel(): void }): ReactElement {
  const { row } = detail;
  const [reason, setReason] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const unsafe = detail.replaySafety === 'unsafe';
  const redrive = useMutation(
    api.deadLetters.redrive.mutationOptions({
      onSuccess: ({ jobId }) => {
        tellDone('1 job is redriven', <Link to="/traces/$correlationId" params={{ correlationId: row.correlationId }} search={{ node: `job:${jobId}` }}>Watch it in its trace</Link>);
        refreshDeadLetters();
      },
      onError: (error) => {
        tellError('The job was not redriven', error);
        refreshDeadLetters();
      },
    }),
  );
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        redrive.mutate({ deadLetterId: row.deadLetterId, reason: reason.trim(), unsafeConfirmed: confirmed });
      }}
    >
      <strong>What redriving does</strong>
      <p className="consequence">{detail.consequence}</p>
      <Textarea label="Reason" description="Kept with the audit event" value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      {unsafe ? (
        <Checkbox
          label="I have checked that it may run again"
          description="The effect of this job type may happen twice: no outside system guards against it."
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      ) : null}
      <div className="button-row">
        <Button type="submit" loading={redrive.isPending} disabled={unsafe && !confirmed}>
          Redrive 1 job
        </Button>
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Discard({ detail, cancel }: { detail: DeadLetterDetail; cancel(): void }): ReactElement {
  const { row } = detail;
  const [reason, setReason] = useState('');
  const discard = useMutation(
    api.deadLetters.discard.mutationOptions({
      onSuccess: () => {
        tellDiscarded(1, { deadLetterId: row.deadLetterId });
        refreshDeadLetters();
      },
      onError: (error) => {
        tellError('The job was not discarded', error);
        refreshDeadLetters();
      },
    }),
  );
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        discard.mutate({ deadLetterId: row.deadLetterId, reason: reason.trim() });
      }}
    >
      <strong>What discarding does</strong>
      <p className="consequence">This job will not run again, and what it should have done stays undone. Its input, errors and lineage are kept. It can be undone for 7 days.</p>
      <Textarea label="Reason" description="Kept with the audit event" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" color="red.8" loading={discard.isPending} disabled={reason.trim() === ''}>
          Discard 1 job
        </Button>
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
