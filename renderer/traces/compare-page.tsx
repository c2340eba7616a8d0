/* oxlint-disable react/no-unstable-nested-components -- `cell` of a column is a render function, no component */
/** Two traces side by side: what one lacks, what is slower, and by how much. */
import { Button } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactElement, useMemo } from 'react';
import { type ComparedNode, type Comparison, compareTraces } from '../../shared/compare-traces.ts';
import { t } from '../../shared/i18n/translate.ts';
import type { TimedNode } from '../../shared/timed-trace.ts';
import { client } from '../app/connection/client.ts';
import { useLatest } from '../app/connection/use-stream.ts';
import { formatDuration, shortId } from '../kit/format.ts';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { differenceWords } from './compare-words.ts';
import { NodeName } from './node-cell.tsx';
import { makeTraceModel, type TraceModel } from './trace-model.ts';
import { DEEPEST_INDENT } from './waterfall.ts';

const route = getRouteApi('/compare');

/** The page. */
export function ComparePage(): ReactElement {
  const { a = '', b = '' } = route.useSearch();
  const first = useLatest(a, (opening, signal) => client.traces.watch({ ...opening, correlationId: a }, { signal }));
  const second = useLatest(b, (opening, signal) => client.traces.watch({ ...opening, correlationId: b }, { signal }));
  const error = first.error ?? second.error;
  if (first.latest && second.latest) return <ComparedTraces a={a} b={b} modelA={makeTraceModel(first.latest)} modelB={makeTraceModel(second.latest)} />;
  return (
    <Page title={t('Compare')} answer={t('{a} with {b}', { a: shortId(a), b: shortId(b) })}>
      {a === '' || b === '' ? <Empty title={t('Two traces are needed')}>{t('Open one, then press Compare.')} <Link to="/traces">{t('Find a trace')}</Link></Empty> : error === null ? <SkeletonRows /> : <ErrorNotice what={t('The traces could not be read')} error={new Error(error)} />}
    </Page>
  );
}

function ComparedTraces({ a, b, modelA, modelB }: { a: string; b: string; modelA: TraceModel; modelB: TraceModel }): ReactElement {
  const navigate = route.useNavigate();
  const different = route.useSearch().only === 'differences';
  const [timedA, timedB] = [modelA.timed, modelB.timed];
  const comparison = useMemo(() => compareTraces(timedA, timedB), [timedA, timedB]);
  const longest = Math.max(1, timedA.to - timedA.from, timedB.to - timedB.from);
  const rows = useMemo(() => (different ? withDifferences(comparison) : comparison.rows), [comparison, different]);
  const columns = useMemo<GridColumn<ComparedNode>[]>(
    () => [
      { id: 'node', header: t('Event or job'), width: 'minmax(260px, 34%)', cell: (row) => <ComparedName row={row} /> },
      { id: 'who', header: t('In'), width: '70px', cell: (row) => <Who row={row} /> },
      { id: 'bars', header: <BarsHead longest={longest} />, width: 'minmax(200px, 1fr)', cell: (row) => <Bars row={row} longest={longest} from={[timedA.from, timedB.from]} /> },
      { id: 'a', header: t('A took'), width: '72px', align: 'right', cell: ({ a: node }) => <span className="num">{tookWords(node)}</span> },
      { id: 'b', header: t('B took'), width: '72px', align: 'right', cell: ({ b: node }) => <span className="num">{tookWords(node)}</span> },
      { id: 'run', header: t('Ran Δ'), wideOnly: true, width: '82px', align: 'right', cell: ({ runDelta, kind }) => (kind === 'job' ? <Delta ms={runDelta} /> : null) },
      { id: 'wait', header: t('Waited Δ'), wideOnly: true, width: '82px', align: 'right', cell: ({ waitDelta, kind }) => (kind === 'job' ? <Delta ms={waitDelta} /> : null) },
    ],
    [longest, timedA.from, timedB.from],
  );
  const links = [['A', a, timedA] as const, ['B', b, timedB] as const];
  return (
    <Page
      title={t('Compare')}
      fixed
      answer={differenceWords(comparison)}
      tools={
        <>
          <button type="button" className="chip" aria-pressed={different} onClick={() => void navigate({ search: (before) => ({ ...before, only: different ? undefined : 'differences' }), replace: true })}>
            {t('Differences only')}
          </button>
          <Button variant="default" leftSection={<IconArrowsExchange size={14} />} onClick={() => void navigate({ search: (before) => ({ ...before, a: b, b: a }), replace: true })}>
            {t('Swap')}
          </Button>
        </>
      }
    >
      <div className="path-strip">
        {links.map(([name, id, timed]) => (
          <span key={name} className="compare-side">
            <span className={`side-mark side-${name.toLowerCase()}`}>{name}</span>
            <Link to="/traces/$correlationId" params={{ correlationId: id }} className="mono">{shortId(id)}</Link>
            <b className="num">{formatDuration(timed.to - timed.from)}</b> <span className="quiet num">{t('{n, plural, one {# node} other {# nodes}}', { n: timed.nodes.length })}</span>
          </span>
        ))}
      </div>
      <VirtualGrid
        label={t('Comparison')}
        columns={columns}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => `${row.a?.key ?? ''}|${row.b?.key ?? ''}`}
        treeOf={(row) => ({ level: row.depth + 1, expanded: undefined })}
        rowClass={(row) => (row.a === null ? 'only-b' : row.b === null ? 'only-a' : undefined)}
        rowHeight={36}
        onOpen={(row) => void navigate({ to: '/traces/$correlationId', params: { correlationId: row.a ? a : b }, search: { node: (row.a ?? row.b)?.key } })}
        empty={<Empty title={t('No differences')}>{t('Both have the same nodes, and none took more than a tenth longer.')}</Empty>}
        footer={<span className="legend"><span><span className="side-mark side-a">A</span> {t('first')}</span><span><span className="side-mark side-b">B</span> {t('second, compared with it')}</span><span>{t('bars begin with their own trace')}</span><span>{t('Δ: B less A')}</span></span>}
      />
    </Page>
  );
}

function withDifferences({ rows }: Comparison): ComparedNode[] {
  return rows.filter(({ a, b, tookDelta }) => a === null || b === null || (tookDelta !== null && Math.abs(tookDelta) >= 1 && Math.abs(tookDelta) > (a.ends - a.begins) / 10));
}

function ComparedName({ row }: { row: ComparedNode }): ReactElement {
  const shown = row.a ?? row.b;
  return (
    <span className="node">
      <span style={{ width: Math.min(row.depth, DEEPEST_INDENT) * 16, flexShrink: 0 }} />
      {shown ? <NodeName node={shown.node} /> : row.name}
    </span>
  );
}

function Who({ row }: { row: ComparedNode }): ReactElement {
  if (row.a && row.b) return <span className="quiet">{t('both')}</span>;
  return <span className={row.a ? 'who-only who-a' : 'who-only who-b'}>{row.a ? t('only A') : t('only B')}</span>;
}

function Bars({ row, longest, from }: { row: ComparedNode; longest: number; from: readonly [number, number] }): ReactElement {
  return (
    <span className="lane lane-two">
      {([[row.a, from[0], 'a'], [row.b, from[1], 'b']] as const).map(([node, start, side]) =>
        node === null ? null : (
          <span
            key={side}
            className={`bar-side bar-side-${side}`}
            title={t('{side}: {after} after its beginning, for {time}', { side: side.toUpperCase(), after: formatDuration(node.begins - start), time: formatDuration(node.ends - node.begins) })}
            style={{ left: `${(((node.begins - start) / longest) * 100).toFixed(3)}%`, width: `${(((node.ends - node.begins) / longest) * 100).toFixed(3)}%` }}
          />
        ),
      )}
    </span>
  );
}

function BarsHead({ longest }: { longest: number }): ReactElement {
  return (
    <span className="axis">
      <span className="axis-tick num" style={{ left: 0 }}>0</span>
      <span className="axis-tick num" style={{ left: '50%' }}>{formatDuration(longest / 2)}</span>
    </span>
  );
}

function Delta({ ms }: { ms: number | null }): ReactElement {
  if (ms === null) return <span className="missing">—</span>;
  if (Math.abs(ms) < 1) return <span className="quiet num">{t('same')}</span>;
  return <span className={ms > 0 ? 'num tone-failed' : 'num tone-ok'}>{ms > 0 ? '+' : ''}{formatDuration(ms)}</span>;
}

function tookWords(node: TimedNode | null): string {
  if (node === null) return '—';
  return node.node.kind === 'job' ? formatDuration(node.ends - node.begins) : '';
}
