/** One replay or dry run: how far it is, what it does about which jobs, and the way from the one to the other. */
import { Button, Checkbox, NumberInput, Textarea } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import { type ReplayDetail, type ReplayRow, ReplayVerdict } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { Trans } from '../i18n/trans.tsx';
import { formatCount, formatDuration, formatShare } from '../kit/format.ts';
import { EventType, JobType, TraceId } from '../kit/ids.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { safetyWord } from '../kit/safety.ts';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { ReplaySign } from './replay-sign.tsx';
import { acting, filterWords, leftAlone, progressOf, unsafe, verdictWords } from './replay-words.ts';

const MODE_WORDS = { missing: message('route again what is missing'), force: message('force: run done jobs again') } as const;
const refresh = (): void => void queryClient.invalidateQueries({ queryKey: api.replays.key() });

/** Panel beside the list. */
export function ReplayPanel({ replayId, onStarted, onClose }: { replayId: string; onStarted(replayId: string): void; onClose(): void }): ReactElement {
  const detail = useQuery(api.replays.get.queryOptions({ input: { replayId }, refetchInterval: ({ state }) => (state.data?.row.status === 'running' ? 400 : 5_000) }));
  const data = detail.data?.row.replayId === replayId ? detail.data : undefined;
  return (
    <SidePanel label={t('Replay')} title={data ? (data.row.dryRun ? t('Dry run') : t('Replay')) : t('Replay')} onClose={onClose}>
      {data ? <Body detail={data} onStarted={onStarted} /> : detail.error ? <ErrorNotice what={t('This replay could not be read')} error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

function Body({ detail, onStarted }: { detail: ReplayDetail; onStarted(replayId: string): void }): ReactElement {
  const { row, jobs } = detail;
  const done = progressOf(row);
  const mode = MODE_WORDS[row.mode];
  return (
    <>
      <Section title={t('Progress')} aside={<ReplaySign status={row.status} />}>
        <div className="replay-progress">
          <progress aria-label={t('Progress')} value={done} max={1} />
          <span className="num">{formatShare(done)}</span>
        </div>
        <p className="quiet num replay-counts">
          {t('{read, plural, one {# message} other {# messages}} read, {matched, plural, one {# event} other {# events}} matched, {oweNothing, number} of them owe nothing{unreadable, plural, =0 {} other {, # unreadable}}', {
            read: row.counts.read, matched: row.counts.matched, oweNothing: row.counts.oweNothing, unreadable: row.counts.unreadable,
          })}
        </p>
      </Section>
      {row.problem === null ? null : <ErrorNotice what={t('The replay was given up')} error={new Error(row.problem)} />}
      {row.status === 'running' ? <Cancel row={row} /> : null}
      {row.dryRun && row.status === 'completed' ? <Run key={row.replayId} row={row} onStarted={onStarted} /> : null}
      <Section title={row.dryRun ? t('What it would do') : t('What it did')}>
        <Verdicts detail={detail} />
      </Section>
      <Section title={row.dryRun ? t('Asked for') : t('Scope')}>
        <Facts
          facts={[
            [t('Events'), filterWords(row.filter)],
            [t('Sequences'), t('{from, number} to {to, number}', { from: row.fromSeq, to: row.toSeq })],
            [t('Mode'), t(mode)],
            ...(row.dryRun ? [] : [[t('Unsafe jobs'), row.unsafeConfirmed ? t('with the explicit yes') : t('refused')] as const, [t('Rate'), t('{n, number} jobs a second at most', { n: row.jobsPerSecond })] as const, [t('Reason'), row.reason] as const]),
            [t('By'), row.operator],
            [t('Started'), row.endedMs === null ? <Ago key="started" at={row.startedMs} says="ago" /> : <Trans key="started" message="<age/>, took {time}" values={{ time: formatDuration(row.endedMs - row.startedMs) }} parts={{ age: <Ago at={row.startedMs} says="ago" /> }} />],
            ...(row.correlationId === null ? [] : [[t('Audit'), <TraceId key="audit" id={row.correlationId} />] as const]),
          ]}
        />
      </Section>
      <Section title={row.dryRun ? t('First jobs that it found') : t('Jobs on the queues')} aside={<span className="quiet">{jobs.length === 200 ? t('the first 200') : ''}</span>}>
        {jobs.length === 0 ? <p className="quiet">{t('None.')}</p> : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a table that scrolls sideways must be reachable by keyboard
          <div className="table-scroll" role="region" aria-label={t('Jobs of this replay')} tabIndex={0}>
          <table className="table replay-jobs">
            <thead>
              <tr><th>{t('Event')}</th><th>{t('Job')}</th><th>{row.dryRun ? t('Verdict') : t('Trace')}</th></tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <tr key={job.jobId}>
                  <td><EventType type={job.eventType} /></td>
                  <td><JobType type={job.jobType} /></td>
                  <td>{row.dryRun ? <span className="quiet">{verdictWords(job.verdict)}</span> : <Link className="mono" to="/traces/$correlationId" params={{ correlationId: job.correlationId }} search={{ node: `job:${job.jobId}` }}>{job.jobId.slice(0, 8)}…</Link>}</td>
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
  if (types.length === 0) return <p className="quiet">{detail.row.status === 'running' ? t('No job was found yet.') : t('The events owe no job.')}</p>;
  return (
    <table className="table verdicts">
      <thead>
        <tr><th>{t('Job type')}</th><th>{t('Run again')}</th><th>{t('Verdict')}</th><th className="right">{t('Jobs')}</th></tr>
      </thead>
      <tbody>
        {types.flatMap(([type, verdicts]) =>
          ReplayVerdict.options.filter((verdict) => (verdicts[verdict] ?? 0) > 0).map((verdict, index) => (
            <tr key={`${type} ${verdict}`}>
              <td>{index === 0 ? <JobType type={type} /> : null}</td>
              <td className="quiet">{index === 0 ? safetyOf(detail, type) : ''}</td>
              <td>{verdictWords(verdict)}</td>
              <td className="right">{formatCount(verdicts[verdict])}</td>
            </tr>
          )),
        )}
      </tbody>
    </table>
  );
}

function safetyOf(detail: ReplayDetail, type: string): string {
  const known = detail.jobTypes.find((each) => each.type === type);
  return known ? safetyWord(known.replaySafety) : t('not in the catalogue');
}

function Cancel({ row }: { row: ReplayRow }): ReactElement {
  const cancel = useMutation(api.replays.cancel.mutationOptions({
    onSuccess: () => {
      tellDone(row.dryRun ? t('The dry run is cancelled') : t('The replay is cancelled'), row.dryRun ? '' : t('What it has put on the queues stays there.'));
      refresh();
    },
    onError: (error) => tellError(t('It was not cancelled'), error),
  }));
  return (
    <div className="button-row">
      <Button variant="default" leftSection={<IconPlayerStop size={14} />} loading={cancel.isPending} onClick={() => cancel.mutate({ replayId: row.replayId, reason: '' })}>
        {t('Cancel')}
      </Button>
      {row.dryRun ? null : <span className="quiet">{t('What it has put on the queues stays there.')}</span>}
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
      tellDone(t('The replay has started'), t('Its progress stands beside the list.'));
      refresh();
      onStarted(replayId);
    },
    onError: (error) => tellError(t('The replay did not start'), error),
  }));
  if (jobs + refused === 0 && leftAlone(row.counts) === 0) return <p className="consequence">{row.counts.matched === 0 ? t('No event matches. There is nothing to run.') : t('These events owe no job. There is nothing to run.')}</p>;
  if (jobs + refused === 0) return <p className="consequence">{t('Nothing is missing: {n, plural, one {# job of these events is} other {# jobs of these events are}} known and left alone. There is nothing to run.', { n: leftAlone(row.counts) })}</p>;
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        run.mutate({ filter: row.filter, mode: row.mode, unsafeConfirmed: yes, jobsPerSecond: rate, reason: reason.trim(), dryRunId: row.replayId });
      }}
    >
      <strong>{t('What running it does')}</strong>
      <p className="consequence">
        {[
          t('Puts {jobs, plural, one {# job} other {# jobs}} on the queues, at most {rate, number} a second ({time}), and leaves {left, plural, one {# job} other {# jobs}} alone.', {
            jobs, rate, time: formatDuration((jobs / rate) * 1_000), left: leftAlone(row.counts),
          }),
          row.mode === 'force' ? t('Jobs that run again may put only idempotent jobs on the queues, so no message is sent and no call placed a second time.') : t('Each runs as it would have then, with all that follows from it.'),
          ...(refused > 0 && !yes ? [t('{n, plural, one {# unsafe job is} other {# unsafe jobs are}} refused.', { n: refused })] : []),
        ].join(' ')}
      </p>
      {refused > 0 ? (
        <Checkbox
          label={t('Run {n, plural, one {# unsafe job} other {# unsafe jobs}} again as well', { n: refused })}
          description={t('Their effects happen a second time, and so may all that follows. This can’t be undone.')}
          checked={yes}
          onChange={(event) => setYes(event.currentTarget.checked)}
        />
      ) : null}
      <NumberInput label={t('Jobs a second, at most')} value={rate} min={1} max={5_000} allowDecimal={false} onChange={(next) => setRate(Math.min(5_000, Math.max(1, Number(next) || 1)))} w={180} />
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" loading={run.isPending} disabled={reason.trim() === '' || jobs === 0} {...(yes ? { color: 'red.8' } : {})}>
          {t('Run {n, plural, one {# job} other {# jobs}}', { n: jobs })}
        </Button>
      </div>
    </form>
  );
}
