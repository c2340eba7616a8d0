/** Details of a node of a trace: an event, a job, or what is missing. */
import { Button } from '@mantine/core';
import { IconSkull } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { JobDetail } from '../../shared/operator-api/index.ts';
import type { TraceNode } from '../../shared/trace-tree.ts';
import { api } from '../app/connection/client.ts';
import { EventPanel } from '../flow/event-panel.tsx';
import { AttemptList } from '../kit/attempts.tsx';
import { formatDuration } from '../kit/format.ts';
import { Id, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { JobStateSign } from '../kit/status.tsx';
import { Clock } from '../kit/time.tsx';

/** Panel beside the trace. */
export function NodePanel({ node, onClose }: { node: TraceNode; onClose(): void }): ReactElement {
  if (node.kind === 'event') return <EventPanel eventId={node.id} inTrace onClose={onClose} />;
  if (node.kind === 'job') return <JobPanel jobId={node.id} onClose={onClose} />;
  return (
    <SidePanel label="Gap" title="Gap" onClose={onClose}>
      <Section title={`The ${node.missing} is not known`}>
        <p>
          What stands below names this {node.missing} as its cause, but nothing is kept of it. It may still arrive, it may be older than the streams
          keep, or it was never published here.
        </p>
        <Facts facts={[['Id', <Id key="id" id={node.id} full />]]} />
      </Section>
    </SidePanel>
  );
}

function JobPanel({ jobId, onClose }: { jobId: string; onClose(): void }): ReactElement {
  const detail = useQuery(api.traces.job.queryOptions({ input: { jobId }, refetchInterval: 2_000 }));
  const shown = detail.data?.job.jobId === jobId ? detail.data : undefined;
  return (
    <SidePanel label="Job" title={shown ? <JobType type={shown.job.jobType} /> : 'Job'} onClose={onClose}>
      {shown ? <JobBody detail={shown} /> : detail.error ? <ErrorNotice what="This job could not be read" error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

function JobBody({ detail }: { detail: JobDetail }): ReactElement {
  const { job, definition } = detail;
  const waited = job.startedMs === null ? null : job.startedMs - (job.redriveOf === null && job.replayOf === null ? job.publishedMs : job.enqueuedMs);
  return (
    <>
      {definition === null ? null : <p className="quiet panel-lead">{definition.description}</p>}
      {job.state === 'dead' ? (
        <div className="button-row">
          <Button component={Link} to={`/dead-letters?letter=${job.jobId}`} leftSection={<IconSkull size={14} />}>
            Decide about this dead letter
          </Button>
        </div>
      ) : null}
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
            ['Waited', formatDuration(waited === null ? null : Math.max(0, waited))],
            ...(job.retryAtMs === null ? [] : [['Next attempt', <Clock key="n" at={job.retryAtMs} />] as const]),
            ...(definition === null
              ? []
              : ([['Attempts', `${job.attempts} of at most ${definition.maxAttempts}`], ['Time limit', formatDuration(definition.timeoutMs)], ['Running it again', definition.replaySafety]] as const)),
          ]}
        />
      </Section>
      <Section title="Attempts">
        <AttemptList attempts={job.attemptList} />
      </Section>
      <Section title="Input">
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
