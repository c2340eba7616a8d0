/** One replay or dry run: how far it is, what it does about which jobs, and the way from the one to the other. */
import { Button, Checkbox, NumberInput, Textarea } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { type ReplayDetail, type ReplayRow, ReplayVerdict } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { countOf, formatCount, formatDuration, formatShare } from '../kit/format.ts';
import { EventType, JobType, TraceId } from '../kit/ids.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { ReplaySign } from './replay-sign.tsx';
import { acting, filterWords, leftAlone, progressOf, unsafe, VERDICT_WORDS } from './replay-words.ts';

const MODE_WORDS = { missing: 'route again what is missing', force: 'force: run done jobs again' } as const;
const refresh = (): void => void queryClient.invalidateQueries({ queryKey: api.replays.key() });

/** Panel beside the list. */
export function ReplayPanel({ replayId, onStarted, onClose }: { replayId: string; onStarted(replayId: string): void; onClose(): void }): ReactElement {
  const detail = useQuery(api.replays.get.queryOptions({ input: { replayId }, refetchInterval: ({ state }) => (state.data?.row.status === 'running' ? 400 : 5_000) }));
  const data = detail.data?.row.replayId === replayId ? detail.data : undefined;
  return (
    <SidePanel label="Replay" title={data ? (data.row.dryRun ? 'Dry run' : 'Replay') : 'Replay'} onClose={onClose}>
      {data ? <Body detail={data} onStarted={onStarted} /> : detail.error ? <ErrorNotice what="This replay could not be read" error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

function Body({ detail, onStarted }: { detail: ReplayDetail; onStarted(replayId: string): void }): ReactElement {
  const { row, jobs } = detail;
  const done = progressOf(row);
  return (
    <>
      <Section title="Progress" aside={<ReplaySign status={row.status} />}>
        <div className="replay-progress">
          <progress aria-label="Progress" value={done} max={1} />
          <span className="num">{formatShare(done)}</span>
        </div>
        <p className="quiet num replay-counts">
          {countOf(row.counts.read, 'message')} read, {countOf(row.counts.matched, 'event')} matched, {formatCount(row.counts.oweNothing)} of them owe nothing
          {row.counts.unreadable > 0 ? `, ${formatCount(row.counts.unreadable)} unreadable` : ''}
        </p>
      </Section>
      {row.problem === null ? null : <ErrorNotice what="The replay was given up" error={new Error(row.problem)} />}
      {row.status === 'running' ? <Cancel row={row} /> : null}
      {row.dryRun && row.status === 'completed' ? <Run key={row.replayId} row={row} onStarted={onStarted} /> : null}
      <Section title={row.dryRun ? 'What it would do' : 'What it did'}>
        <Verdicts detail={detail} />
      </Section>
      <Section title={row.dryRun ? 'Asked for' : 'Scope'}>
        <Facts
          facts={[
            ['Events', filterWords(row.filter)],
            ['Sequences', `${formatCount(row.fromSeq)} to ${formatCount(row.toSeq)}`],
            ['Mode', MODE_WORDS[row.mode]],
            ...(row.dryRun ? [] : [['Unsafe jobs', row.unsafeConfirmed ? 'with the explicit yes' : 'refused'] as const, ['Rate', `${formatCount(row.jobsPerSecond)} jobs a second at most`] as const, ['Reason', row.reason] as const]),
            ['By', row.operator],
            ['Started', <span key="started"><Ago at={row.startedMs} says="ago" />{row.endedMs === null ? '' : `, took ${formatDuration(row.endedMs - row.startedMs)}`}</span>],
            ...(row.correlationId === null ? [] : [['Audit', <TraceId key="audit" id={row.correlationId} />] as const]),
          ]}
        />
      </Section>
      <Section title={row.dryRun ? 'First jobs that it found' : 'Jobs on the queues'} aside={<span className="quiet">{jobs.length === 200 ? 'the first 200' : ''}</span>}>
        {jobs.length === 0 ? <p className="quiet">None.</p> : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a table that scrolls sideways must be reachable by keyboard
          <div className="table-scroll" role="region" aria-label="Jobs of this replay" tabIndex={0}>
          <table className="table replay-jobs">
            <thead>
              <tr><th>Event</th><th>Job</th><th>{row.dryRun ? 'Verdict' : 'Trace'}</th></tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <tr key={job.jobId}>
                  <td><EventType type={job.eventType} /></td>
                  <td><JobType type={job.jobType} /></td>
                  <td>{row.dryRun ? <span className="quiet">{VERDICT_WORDS[job.verdict]}</span> : <Link className="mono" to="/traces/$correlationId" params={{ correlationId: job.correlationId }} search={{ node: `job:${job.jobId}` }}>{job.jobId.slice(0, 8)}…</Link>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          </div>
        )}
      </Section>
    </>
  );
}

/** By job type: one line a verdict, so that it reads as words and not as a wall of zeros. */
function Verdicts({ detail }: { detail: ReplayDetail }): ReactElement {
  const { counts } = detail.row;
  const types = Object.entries(counts.jobs).sort(([a], [b]) => a.localeCompare(b));
  if (types.length === 0) return <p className="quiet">{detail.row.status === 'running' ? 'No job was found yet.' : 'The events owe no job.'}</p>;
  return (
    <table className="table verdicts">
      <thead>
        <tr><th>Job type</th><th>Run again</th><th>Verdict</th><th className="right">Jobs</th></tr>
      </thead>
      <tbody>
        {types.flatMap(([type, verdicts]) =>
          ReplayVerdict.options.filter((verdict) => (verdicts[verdict] ?? 0) > 0).map((verdict, index) => (
            <tr key={`${type} ${verdict}`}>
              <td>{index === 0 ? <JobType type={type} /> : null}</td>
              <td className="quiet">{index === 0 ? (detail.jobTypes.find((each) => each.type === type)?.replaySafety ?? 'not in the catalogue') : ''}</td>
              <td>{VERDICT_WORDS[verdict]}</td>
              <td className="right">{formatCount(verdicts[verdict])}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

function Cancel({ row }: { row: ReplayRow }): ReactElement {
  const cancel = useMutation(api.replays.cancel.mutationOptions({
    onSuccess: () => {
      tellDone(row.dryRun ? 'The dry run is cancelled' : 'The replay is cancelled', row.dryRun ? '' : 'What it has put on the queues stays there.');
      refresh();
    },
    onError: (error) => tellError('It was not cancelled', error),
  }));
  return (
    <div className="button-row">
      <Button variant="default" leftSection={<IconPlayerStop size={14} />} loading={cancel.isPending} onClick={() => cancel.mutate({ replayId: row.replayId, reason: '' })}>
        Cancel
      </Button>
      {row.dryRun ? null : <span className="quiet">What it has put on the queues stays there.</span>}
    </div>
  );
}

function Run({ row, onStarted }: { row: ReplayRow; onStarted(replayId: string): void }): ReactElement {
  const [reason, setReason] = useState('');
  const [yes, setYes] = useState(false);
  const [rate, setRate] = useState(100);
  const refused = unsafe(row.counts);
  const jobs = acting(row.counts, yes);
  const run = useMutation(api.replays.run.mutationOptions({
    onSuccess: ({ replayId }) => {
      tellDone('The replay has started', 'Its progress stands beside the list.');
      refresh();
      onStarted(replayId);
    },
    onError: (error) => tellError('The replay did not start', error),
  }));
  if (jobs + refused === 0 && leftAlone(row.counts) === 0) return <p className="consequence">{row.counts.matched === 0 ? 'No event matches.' : 'These events owe no job.'} There is nothing to run.</p>;
  if (jobs + refused === 0) return <p className="consequence">Nothing is missing: {countOf(leftAlone(row.counts), 'job')} of these events {leftAlone(row.counts) === 1 ? 'is' : 'are'} known and left alone. There is nothing to run.</p>;
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        run.mutate({ filter: row.filter, mode: row.mode, unsafeConfirmed: yes, jobsPerSecond: rate, reason: reason.trim(), dryRunId: row.replayId });
      }}
    >
      <strong>What running it does</strong>
      <p className="consequence">
        Puts {countOf(jobs, 'job')} on the queues, at most {formatCount(rate)} a second ({formatDuration((jobs / rate) * 1_000)}), and leaves {countOf(leftAlone(row.counts), 'job')} alone.
        {row.mode === 'force' ? ' Jobs that run again may put only idempotent jobs on the queues, so no message is sent and no call placed a second time.' : ' Each runs as it would have then, with all that follows from it.'}
        {refused > 0 && !yes ? ` ${countOf(refused, 'unsafe job')} ${refused === 1 ? 'is' : 'are'} refused.` : ''}
      </p>
      {refused > 0 ? (
        <Checkbox
          label={`Run ${countOf(refused, 'unsafe job')} again as well`}
          description="Their effects happen a second time, and so may all that follows. This can’t be undone."
          checked={yes}
          onChange={(event) => setYes(event.currentTarget.checked)}
        />
      ) : null}
      <NumberInput label="Jobs a second, at most" value={rate} min={1} max={5_000} allowDecimal={false} onChange={(next) => setRate(Math.min(5_000, Math.max(1, Number(next) || 1)))} w={180} />
      <Textarea label="Reason" description="Kept with the audit event" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" loading={run.isPending} disabled={reason.trim() === '' || jobs === 0} {...(yes ? { color: 'red.8' } : {})}>
          Run {countOf(jobs, 'job')}
        </Button>
      </div>
    </form>
  );
}
