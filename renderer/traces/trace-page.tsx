/** One trace, whole and live: the tree of events and jobs, and where the time went. */
import { Button, Checkbox } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactElement, useMemo, useState } from 'react';
import type { Trace } from '../../shared/operator-api/index.ts';
import { buildTraceTree } from '../../shared/trace-tree.ts';
import { client } from '../app/connection/client.ts';
import { useLatest } from '../app/connection/use-stream.ts';
import { useNow } from '../kit/clock.ts';
import { countOf, formatDuration } from '../kit/format.ts';
import { EventType, Id } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { TraceSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone } from '../kit/toasts.tsx';
import { NodePanel } from './node-panel.tsx';
import { nodeKey, placeNodes, timeScale } from './waterfall.ts';
import { WaterfallTable } from './waterfall-table.tsx';

const route = getRouteApi('/traces/$correlationId');

/** The page. */
export function TracePage(): ReactElement {
  const { correlationId } = route.useParams();
  const { latest, error } = useLatest(correlationId, (opening, signal) => client.traces.watch({ ...opening, correlationId }, { signal }));
  if (latest) return <TraceView trace={latest} />;
  return (
    <Page title="Trace" answer={<Id id={correlationId} full />}>
      {error === null ? <SkeletonRows /> : <ErrorNotice what="This trace could not be read. It tries again by itself." error={new Error(error)} />}
    </Page>
  );
}

function TraceView({ trace }: { trace: Trace }): ReactElement {
  const { node: openNode } = route.useSearch();
  const navigate = route.useNavigate();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [fold, setFold] = useState(true);

  const open = trace.jobs.filter(({ state }) => state === 'waiting' || state === 'running' || state === 'retrying').length;
  const dead = trace.jobs.filter(({ state }) => state === 'dead').length;
  const clock = useNow();
  // Only open bars grow; a finished trace is laid out once.
  const now = open > 0 ? Math.max(clock, trace.measuredMs) : trace.measuredMs;

  const roots = useMemo(() => buildTraceTree(trace.events, trace.jobs), [trace]);
  const rows = useMemo(() => placeNodes(roots, collapsed, now), [roots, collapsed, now]);
  // The axis counts everything, so that it stays where it is when a branch is closed.
  const scale = useMemo(() => timeScale(collapsed.size === 0 ? rows : placeNodes(roots, new Set(), now), fold), [rows, roots, collapsed, now, fold]);

  if (rows.length === 0) {
    return (
      <Page title="Trace" answer={<Id id={trace.correlationId} full />}>
        <Empty title="Nothing is known of this correlation">
          It may be older than the streams keep, or not have happened yet: when it does, it appears here. <Link to="/traces">Find another trace</Link>
        </Empty>
      </Page>
    );
  }

  const toggle = (key: string): void =>
    setCollapsed((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  const first = [...trace.events].sort((a, b) => a.seq - b.seq)[0];
  const openRow = openNode === undefined ? undefined : rows.find(({ key }) => key === openNode);

  return (
    <Page
      title="Trace"
      fixed
      answer={
        <span className="trace-words">
          {first ? <EventType type={first.eventType} /> : 'Root event not known'}
          <Id id={trace.correlationId} />
          <span>{countOf(trace.events.length, 'event')}, {countOf(trace.jobs.length, 'job')}</span>
          <span>{formatDuration(scale.to - scale.from)}</span>
          <TraceSign open={open} dead={dead} />
          <span className="quiet"><Ago at={scale.from} suffix=" ago" /></span>
        </span>
      }
      tools={
        <>
          <Checkbox label="Fold idle time" checked={fold} onChange={(event) => setFold(event.currentTarget.checked)} />
          {collapsed.size > 0 ? (
            <Button variant="default" onClick={() => setCollapsed(new Set())}>
              Expand all
            </Button>
          ) : null}
          <Button
            variant="default"
            leftSection={<IconCopy size={14} />}
            onClick={() => void navigator.clipboard.writeText(JSON.stringify(trace, null, 2)).then(() => tellDone('The trace is copied as JSON'))}
          >
            Copy JSON
          </Button>
        </>
      }
      panel={openRow === undefined ? null : <NodePanel node={openRow.node} onClose={() => void navigate({ search: {} })} />}
    >
      {trace.truncated ? (
        <div className="notice notice-warn">
          <div>This correlation holds more than is shown here: the first {countOf(trace.events.length, 'event')} and {countOf(trace.jobs.length, 'job')}.</div>
        </div>
      ) : null}
      <WaterfallTable
        rows={rows}
        scale={scale}
        collapsed={collapsed}
        selected={openNode}
        onToggle={toggle}
        onOpen={(row) => void navigate({ search: { node: nodeKey(row.node) }, replace: openNode !== undefined })}
      />
    </Page>
  );
}
