/** One dead letter: what it wanted, what went wrong each time, and the decision. */
import { Button, Checkbox, Textarea } from '@mantine/core';
import { IconEdit, IconHierarchy2, IconRotateClockwise, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { message, say, sayText, t } from '../../shared/i18n/translate.ts';
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

const REASON_WORDS: Record<DeadLetterRow['reason'], string> = {
  'retries-exhausted': message('retries exhausted'),
  'not-retryable': message('not retryable'),
  cancelled: message('cancelled'),
  'worker-lost': message('worker lost'),
};

/** Why a job died, in a word. */
export function deathWord(reason: DeadLetterRow['reason']): string {
  const word = REASON_WORDS[reason];
  return t(word);
}

const SAFETY_WORDS = {
  idempotent: message('idempotent: free to run again'),
  guarded: message('guarded: the outside system honours the idempotency key'),
  unsafe: message('unsafe: its effect may happen twice'),
} as const;

function safetyWords(safety: DeadLetterDetail['replaySafety']): string {
  if (safety === null) return t('unknown: the job type is not in the catalogue');
  const words = SAFETY_WORDS[safety];
  return t(words);
}

/** Panel beside the list. */
export function DeadLetterPanel({ deadLetterId, onClose }: { deadLetterId: string; onClose(): void }): ReactElement {
  const detail = useQuery(
    // A redrive hands its jobs out a moment after it was ordered, and another person may decide meanwhile.
    api.deadLetters.get.queryOptions({ input: { deadLetterId }, refetchInterval: ({ state }) => (state.data?.row.status === 'waiting' ? 1_000 : false) }),
  );
  const data = detail.data?.row.deadLetterId === deadLetterId ? detail.data : undefined;
  return (
    <SidePanel label={t('Dead letter')} title={data ? <JobType type={data.row.jobType} /> : t('Dead letter')} onClose={onClose}>
      {data ? <Body detail={data} /> : detail.error ? <ErrorNotice what={t('This dead letter could not be read')} error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
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
            {t('Redrive…')}
          </Button>
          <Button variant="default" leftSection={<IconEdit size={14} />} disabled={detail.inputSchema === null} onClick={() => setEditing(true)}>
            {t('Edit and redrive…')}
          </Button>
          <Button variant="default" leftSection={<IconTrash size={14} />} onClick={() => setAction('discard')}>
            {t('Discard…')}
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
          <Section title={t('Decision')} aside={<DeadLetterSign status={row.status} />}>
            <Facts
              facts={[
                [t('By'), decision?.operator ?? '—'],
                [t('Reason'), decision?.reason === '' ? t('none given') : (decision?.reason ?? '—')],
                [t('When'), <Ago key="when" at={decision?.atMs} says="ago" />],
                ...(row.redrivenAs === null
                  ? []
                  : [[t('Runs again as'), <Link key="as" className="mono" to="/traces/$correlationId" params={{ correlationId: row.correlationId }} search={{ node: `job:${row.redrivenAs}` }}>{row.redrivenAs}</Link>] as const]),
              ]}
            />
          </Section>
        </>
      )}
      <Section title={t('Job')}>
        <Facts
          facts={[
            [t('Job id'), <Id key="id" id={row.deadLetterId} full />],
            [t('Queue'), `${row.queue}${row.queue === row.tier ? '' : ` (${row.tier})`}`],
            [t('Died'), <span key="died"><Clock at={row.diedMs} /> <span className="quiet">(<Ago at={row.diedMs} says="ago" />)</span></span>],
            [t('Because'), deathWord(row.reason)],
            [t('Attempts'), formatCount(row.attempts)],
            ...(row.family === null ? [] : [[t('Family'), <Link key="f" to="/dead-letters" search={{ family: row.family, letter: row.deadLetterId }}>{t('others of the same cause')}</Link>] as const]),
            ...detail.redrives.map(({ redriveId, state, atMs }) => [redriveId === detail.redrives[0]?.redriveId ? t('In redrive') : t('In redrive {id}', { id: shortId(redriveId) }), <span key={redriveId}><Link to="/redrives" search={{ redrive: redriveId }}>{shortId(redriveId)}</Link> <span className="quiet">{sayText(state)}, <Ago at={atMs} says="ago" /></span></span>] as const),
            [t('Correlation'), <TraceId key="c" id={row.correlationId} full />],
            [t('Idempotency key'), <Id key="k" id={detail.idempotencyKey} full />],
            [t('Running it again'), safetyWords(detail.replaySafety)],
          ]}
        />
      </Section>
      <Section title={t('Attempts')}>
        <AttemptList attempts={detail.attempts} />
      </Section>
      <Section title={t('Input')}>
        <JsonTree value={detail.input} label={t('input')} />
      </Section>
      <Section title={t('Triggered by')}>
        {detail.triggeringEvent ? <ul className="effects"><li><EventLink event={detail.triggeringEvent} /></li></ul> : <Id id={row.triggeringEventId} full />}
      </Section>
    </>
  );
}

function TraceButton({ correlationId, jobId }: { correlationId: string; jobId: string }): ReactElement {
  return (
    <Button component={Link} to={`/traces/${correlationId}?node=${encodeURIComponent(`job:${jobId}`)}`} variant="default" leftSection={<IconHierarchy2 size={14} />}>
      {t('Open trace')}
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
        tellDone(t('1 job is redriven'), <Link to="/traces/$correlationId" params={{ correlationId: row.correlationId }} search={{ node: `job:${jobId}` }}>{t('Watch it in its trace')}</Link>);
        refreshDeadLetters();
      },
      onError: (error) => {
        tellError(t('The job was not redriven'), error);
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
      <strong>{t('What redriving does')}</strong>
      <p className="consequence">{say(detail.consequence)}</p>
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      {unsafe ? (
        <Checkbox
          label={t('I have checked that it may run again')}
          description={t('The effect of this job type may happen twice: no outside system guards against it.')}
          checked={confirmed}
          onChange={(event) => setConfirmed(event.currentTarget.checked)}
        />
      ) : null}
      <div className="button-row">
        <Button type="submit" loading={redrive.isPending} disabled={unsafe && !confirmed}>
          {t('Redrive 1 job')}
        </Button>
        <Button variant="default" onClick={cancel}>
          {t('Cancel')}
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
        tellError(t('The job was not discarded'), error);
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
      <strong>{t('What discarding does')}</strong>
      <p className="consequence">{t('This job will not run again, and what it should have done stays undone. Its input, errors and lineage are kept. It can be undone for 7 days.')}</p>
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" color="red.8" loading={discard.isPending} disabled={reason.trim() === ''}>
          {t('Discard 1 job')}
        </Button>
        <Button variant="default" onClick={cancel}>
          {t('Cancel')}
        </Button>
      </div>
    </form>
  );
}
