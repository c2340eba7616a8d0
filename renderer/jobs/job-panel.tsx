/** Details of a job: what it is, its attempts with their errors, its input. */
import { Button } from '@mantine/core';
import { IconHierarchy2, IconSkull } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { JobDetail } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { AttemptList } from '../kit/attempts.tsx';
import { formatBytes, formatDuration } from '../kit/format.ts';
import { Id, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { JobStateSign } from '../kit/status.tsx';
import { Clock } from '../kit/time.tsx';

/** Panel beside a list of jobs or a trace. `lead`: what the place it is shown in knows of it; without, a link to its trace. */
export function JobPanel({ jobId, lead, onClose }: { jobId: string; lead?: ReactElement | undefined; onClose(): void }): ReactElement {
  const detail = useQuery(api.traces.job.queryOptions({ input: { jobId }, refetchInterval: 2_000 }));
  const shown = detail.data?.job.jobId === jobId ? detail.data : undefined;
  return (
    <SidePanel label="Job" title={shown ? <JobType type={shown.job.jobType} /> : 'Job'} onClose={onClose}>
      {shown ? <JobBody detail={shown} lead={lead} /> : detail.error ? <ErrorNotice what="This job could not be read" error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

function JobBody({ detail, lead }: { detail: JobDetail; lead: ReactElement | undefined }): ReactElement {
  const { job, definition } = detail;
  return (
    <>
      {definition === null ? null : <p className="quiet panel-lead">{definition.description}</p>}
      {job.state === 'dead' || lead === undefined ? (
        <div className="button-row">
          {job.state === 'dead' ? (
            <Button component={Link} to={`/dead-letters?letter=${job.jobId}`} leftSection={<IconSkull size={14} />}>
              Decide about this dead letter
            </Button>
          ) : null}
          {lead === undefined ? (
            <Button component={Link} to={`/traces/${job.correlationId}?node=job:${job.jobId}`} variant="default" leftSection={<IconHierarchy2 size={14} />}>
              Show it in its trace
            </Button>
          ) : null}
        </div>
      ) : null}
      {lead}
      <Section title="Attempts">
        <AttemptList attempts={job.attemptList} />
      </Section>
      <Section title="Job" aside={<JobStateSign state={job.state} />}>
        <Facts
          facts={[
            ['Job id', <Id key="id" id={job.jobId} full />],
            ['Queue', <Link key="q" to="/tiers">{`${job.queue}${job.queue === job.tier ? '' : ` (${job.tier})`}`}</Link>],
            ['Priority', job.priority],
            ['Triggered by', <Link key="t" to="/traces/$correlationId" params={{ correlationId: job.correlationId }} search={{ node: `event:${job.triggeringEventId}` }} className="mono">{job.triggeringEventId}</Link>],
            ...(job.parentJobId === null ? [] : [['Handed on by', <NodeLink key="p" correlationId={job.correlationId} jobId={job.parentJobId} />] as const]),
            ...(job.replayOf === null ? [] : [['Replay', <Link key="replay" className="mono" to="/replay" search={{ replay: job.replayOf }}>{job.replayOf}</Link>] as const]),
            ...(job.redriveOf === null ? [] : [['Redrive of', <NodeLink key="r" correlationId={job.correlationId} jobId={job.redriveOf} />] as const]),
            ['Enqueued', <Clock key="e" at={job.enqueuedMs} />],
            ['Started', job.startedMs === null ? '—' : <Clock key="s" at={job.startedMs} />],
            ['Finished', job.finishedMs === null ? '—' : <Clock key="f" at={job.finishedMs} />],
            ...(job.retryAtMs === null ? [] : [['Next attempt', <Clock key="n" at={job.retryAtMs} />] as const]),
            ...(definition === null
              ? []
              : ([['Attempts', `${job.attempts} of at most ${definition.maxAttempts}`], ['Time limit', formatDuration(definition.timeoutMs)], ['Running it again', definition.replaySafety]] as const)),
          ]}
        />
      </Section>
      <Section title="Input" aside={<span className="quiet num">{formatBytes(JSON.stringify(detail.input ?? null).length)}</span>}>
        <JsonTree value={detail.input} label="input" />
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
