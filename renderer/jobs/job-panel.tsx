/** Details of a job: what it is, its attempts with their errors, its input. */
import { Button, Progress } from '@mantine/core';
import { IconHierarchy2, IconSkull } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { say, sayText, t } from '../../shared/i18n/translate.ts';
import type { JobDetail } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { AttemptList } from '../kit/attempts.tsx';
import { formatBytes, formatDuration } from '../kit/format.ts';
import { Id, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { safetyWord } from '../kit/safety.ts';
import { JobStateSign } from '../kit/status.tsx';
import { Clock } from '../kit/time.tsx';
import { AttemptTimeline } from './attempt-timeline.tsx';
import { JobActions } from './job-actions.tsx';

/** Panel beside a list of jobs or a trace. `lead`: what the place it is shown in knows of it; without, a link to its trace. */
export function JobPanel({ jobId, lead, onClose }: { jobId: string; lead?: ReactElement | undefined; onClose(): void }): ReactElement {
  const detail = useQuery(api.traces.job.queryOptions({ input: { jobId }, refetchInterval: 2_000 }));
  const shown = detail.data?.job.jobId === jobId ? detail.data : undefined;
  return (
    <SidePanel label={t('Job')} title={shown ? <JobType type={shown.job.jobType} /> : t('Job')} onClose={onClose}>
      {shown ? <JobBody detail={shown} lead={lead} /> : detail.error ? <ErrorNotice what={t('This job could not be read')} error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

function JobBody({ detail, lead }: { detail: JobDetail; lead: ReactElement | undefined }): ReactElement {
  const { job, definition } = detail;
  return (
    <>
      {definition === null ? null : <p className="quiet panel-lead">{sayText(definition.description)}</p>}
      {job.state === 'dead' || lead === undefined ? (
        <div className="button-row">
          {job.state === 'dead' ? (
            <Button component={Link} to={`/dead-letters?letter=${job.jobId}`} leftSection={<IconSkull size={14} />}>
              {t('Decide about this dead letter')}
            </Button>
          ) : null}
          {lead === undefined ? (
            <Button component={Link} to={`/traces/${job.correlationId}?node=job:${job.jobId}`} variant="default" leftSection={<IconHierarchy2 size={14} />}>
              {t('Show it in its trace')}
            </Button>
          ) : null}
        </div>
      ) : null}
      <JobActions detail={detail} />
      {lead}
      <Section title={t('Attempts')}>
        <AttemptTimeline job={job} />
        {detail.progress === null ? null : (
          <div className="job-progress">
            <Progress value={detail.progress.share * 100} aria-label={t('Progress')} />
            <span className="quiet num">{t('{share, number, percent}{note, select, none {} other {, {note}}}', { share: detail.progress.share, note: detail.progress.note === null ? 'none' : say(detail.progress.note) })}</span>
          </div>
        )}
        <AttemptList attempts={job.attemptList} />
      </Section>
      <Section title={t('Job')} aside={<JobStateSign state={job.state} />}>
        <Facts
          facts={[
            [t('Job id'), <Id key="id" id={job.jobId} full />],
            [t('Queue'), <Link key="q" to="/tiers">{`${job.queue}${job.queue === job.tier ? '' : ` (${job.tier})`}`}</Link>],
            [t('Priority'), job.priority],
            [t('Triggered by'), <Link key="t" to="/traces/$correlationId" params={{ correlationId: job.correlationId }} search={{ node: `event:${job.triggeringEventId}` }} className="mono">{job.triggeringEventId}</Link>],
            ...(job.parentJobId === null ? [] : [[t('Handed on by'), <NodeLink key="p" correlationId={job.correlationId} jobId={job.parentJobId} />] as const]),
            ...(job.replayOf === null ? [] : [[t('Replay'), <Link key="replay" className="mono" to="/replay" search={{ replay: job.replayOf }}>{job.replayOf}</Link>] as const]),
            ...(job.redriveOf === null ? [] : [[t('Redrive of'), <NodeLink key="r" correlationId={job.correlationId} jobId={job.redriveOf} />] as const]),
            [t('Enqueued'), <Clock key="e" at={job.enqueuedMs} />],
            [t('Started'), job.startedMs === null ? '—' : <Clock key="s" at={job.startedMs} />],
            [t('Finished'), job.finishedMs === null ? '—' : <Clock key="f" at={job.finishedMs} />],
            ...(job.retryAtMs === null ? [] : [[t('Next attempt'), <Clock key="n" at={job.retryAtMs} />] as const]),
            ...(definition === null
              ? []
              : ([[t('Attempts'), t('{attempts, number} of at most {most, number}', { attempts: job.attempts, most: definition.maxAttempts })], [t('Time limit'), formatDuration(definition.timeoutMs)], [t('Running it again'), safetyWord(definition.replaySafety)]] as const)),
          ]}
        />
      </Section>
      <Section title={t('Input')} aside={<span className="quiet num">{formatBytes(JSON.stringify(detail.input ?? null).length)}</span>}>
        <JsonTree value={detail.input} label={t('input')} />
      </Section>
    </>
  );
}

function NodeLink({ correlationId, jobId }: { correlationId: string; jobId: string }): ReactElement {
  return (
    <Link to="/traces/$correlationId" params={{ correlationId }} search={{ node: `job:${jobId}` }} className="mono">
      {jobId}
    </Link>
  );
}
