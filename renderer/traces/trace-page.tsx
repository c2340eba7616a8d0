/** One trace, whole and live: what led to what, and where the time went. */
import { Button, Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { IconArrowsDiff, IconExternalLink, IconHelpCircle, IconSearch } from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { PackedTrace } from '../../shared/operator-api/index.ts';
import { client } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { useLatest } from '../app/connection/use-stream.ts';
import type { TraceSearch } from '../app/search-params.ts';
import { useNow } from '../kit/clock.ts';
import { formatDuration } from '../kit/format.ts';
import { EventType, Id } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { usePageKeys } from '../kit/page-keys.ts';
import { TraceSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { backendUrl } from './backend-url.ts';
import { CompareDialog } from './compare-dialog.tsx';
import { ExportMenu } from './export-menu.tsx';
import { Minimap, type MinimapView } from './minimap.tsx';
import { NodePanel } from './node-panel.tsx';
import { PathStrip } from './path-strip.tsx';
import { type TraceModel, useTraceModel } from './trace-model.ts';
import { isFiltering, type NodeFilter, type ShownRow, shownRows, timeScale } from './waterfall.ts';
import { WaterfallTable } from './waterfall-table.tsx';
import { WhyNotDialog } from './why-not-dialog.tsx';

const route = getRouteApi('/traces/$correlationId');
const GraphView = lazy(() => import('./graph-view.tsx'));
const NONE: ReadonlySet<number> = new Set();
/** Rows that stand on a screen without scrolling need no map. */
const WORTH_A_MAP = 40;

/** The page. */
export function TracePage(): ReactElement {
  const { correlationId } = route.useParams();
  const { latest, error } = useLatest(correlationId, (opening, signal) => client.traces.watch({ ...opening, correlationId }, { signal }));
  if (latest) return <TraceView key={correlationId} trace={latest} />;
  return (
    <Page title={t('Trace')} answer={<Id id={correlationId} full />}>
      {error === null ? <SkeletonRows /> : <ErrorNotice what={t('This trace could not be read. It tries again by itself.')} error={new Error(error)} />}
    </Page>
  );
}

function TraceView({ trace }: { trace: PackedTrace }): ReactElement {
  const model = useTraceModel(trace, useNow());
  if (model.timed.nodes.length === 0) {
    return (
      <Page title={t('Trace')} answer={<Id id={trace.correlationId} full />}>
        <Empty title={t('Nothing is known of this correlation')}>
          {t('It may be older than the streams keep, or not have happened yet: when it does, it appears here.')} <Link to="/traces">{t('Find another trace')}</Link>
        </Empty>
      </Page>
    );
  }
  return <Explorer model={model} />;
}

function Explorer({ model }: { model: TraceModel }): ReactElement {
  const { node: openKey, view = 'tree', find = '', trouble = false, path: pathOnly = false } = route.useSearch();
  const navigate = route.useNavigate();
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [fold, setFold] = useState(true);
  const [opened, setOpened] = useState<ReadonlySet<number>>(NONE);
  const [text, setText] = useDraft(find);
  const [dialog, setDialog] = useState<'why' | 'compare' | null>(null);
  const minimap = useRef<MinimapView>(null);
  const [reveal, setReveal] = useState<{ index: number; stamp: number } | undefined>();

  const { timed, lineage, packed } = model;
  // Typing stays quick while a large trace is filtered.
  const wantedText = useDeferredValue(text);
  const filter = useMemo<NodeFilter>(() => ({ text: wantedText, trouble, critical: pathOnly ? model.onPath : null }), [wantedText, trouble, pathOnly, model.onPath]);
  const { rows, wanted } = useMemo(() => shownRows(timed, closed, filter), [timed, closed, filter]);
  // The axis counts everything, so that it stays where it is when a branch is closed.
  const scale = useMemo(() => timeScale(timed, fold, opened), [timed, fold, opened]);
  const openNode = openKey === undefined ? undefined : model.byKey.get(openKey);

  const open = useCallback((key: string | undefined, replace = openKey !== undefined) => void navigate({ search: (before) => ({ ...before, node: key }), replace }), [navigate, openKey]);
  const setFilter = (next: Pick<TraceSearch, 'find' | 'trouble' | 'path'>): void => void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  // While somebody types, the tree follows; the address does when they are done.
  const keepText = (): void => {
    if (text !== find) setFilter({ find: text === '' ? undefined : text });
  };
  const setBranch = useCallback((key: string, close: boolean) => {
    setClosed((before) => {
      if (before.has(key) === close) return before;
      const next = new Set(before);
      if (close) next.add(key);
      else next.delete(key);
      return next;
    });
  }, []);
  const toggle = useCallback((key: string) => {
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  }, []);
  const onFold = useCallback((from: number) => {
    setOpened((before) => {
      const next = new Set(before);
      if (!next.delete(from)) next.add(from);
      return next;
    });
  }, []);
  // The page must not render anew for every row that scrolls by.
  const onRange = useCallback((first: number, last: number) => minimap.current?.show(first, last), []);
  const showRow = useCallback((index: number) => setReveal((before) => ({ index, stamp: (before?.stamp ?? 0) + 1 })), []);

  /** To a node wherever it is: branches above it are opened, a filter that hides it is lifted. */
  const goTo = useCallback(
    (key: string) => {
      const node = model.byKey.get(key);
      if (!node) return;
      const above = new Set<string>();
      for (let at = timed.nodes[node.parent]; at; at = timed.nodes[at.parent]) above.add(at.key);
      const stillClosed = new Set([...closed].filter((each) => !above.has(each)));
      const lifted = rows.some((row) => row.node === node) ? filter : { text: '', trouble: false, critical: null };
      setClosed(stillClosed);
      showRow(shownRows(timed, stillClosed, lifted).rows.findIndex((row) => row.node === node));
      if (lifted === filter) return open(key);
      setText('');
      void navigate({ search: (before) => ({ ...before, node: key, find: undefined, trouble: undefined, path: undefined }), replace: openKey !== undefined });
    },
    [model, timed, closed, rows, filter, open, openKey, showRow, setText, navigate],
  );
  const step = (fits: (row: ShownRow) => boolean, by: 1 | -1): void => {
    const from = rows.findIndex((row) => row.node.key === openKey);
    for (let at = from === -1 && by === -1 ? rows.length - 1 : from + by; at >= 0 && at < rows.length; at += by) {
      const row = rows[at];
      if (row && fits(row)) return goTo(row.node.key);
    }
  };
  const jump = (node: { key: string } | undefined): void => {
    if (node) goTo(node.key);
  };
  usePageKeys({
    n: { does: t('Next trouble'), act: () => step(({ node }) => node.trouble !== null, 1) },
    p: { does: t('Trouble before'), act: () => step(({ node }) => node.trouble !== null, -1) },
    m: { does: t('Next on the critical path'), act: () => step(({ node }) => model.onPath.has(node.index), 1) },
    u: { does: t('Up to the cause'), act: () => jump(openNode && timed.nodes[openNode.parent]) },
    i: { does: t('Into the first effect'), act: () => jump(openNode && openNode.below > 0 ? timed.nodes[openNode.index + 1] : undefined) },
    f: { does: t('Fold idle time, or not'), act: () => setFold((before) => !before) },
    v: { does: t('Tree or graph'), act: () => void navigate({ search: (before) => ({ ...before, view: before.view === 'graph' ? undefined : 'graph' }), replace: true }) },
    w: { does: t('Why did this not happen?'), act: () => setDialog('why') },
  });

  const [first] = lineage.events;
  const traceUrl = backendUrl(useSiteStatus()?.telemetry.traceUrl ?? null, packed);
  return (
    <Page
      title={t('Trace')}
      fixed
      answer={
        <span className="trace-words">
          {first ? <EventType type={first.eventType} /> : t('Root event not known')}
          <Id id={packed.correlationId} />
          <span>{t('{events, plural, one {# event} other {# events}}, {jobs, plural, one {# job} other {# jobs}}', { events: lineage.events.length, jobs: lineage.jobs.length })}</span>
          <span className="num">{formatDuration(timed.to - timed.from)}</span>
          <TraceSign open={model.open} dead={model.dead} />
          <span className="quiet"><Ago at={timed.from} says="ago" /></span>
        </span>
      }
      tools={
        <>
          <SegmentedControl
            aria-label={t('View')}
            value={view}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, view: next === 'graph' ? 'graph' : undefined }), replace: true })}
            data={[{ value: 'tree', label: t('Tree') }, { value: 'graph', label: t('Graph') }]}
          />
          <Button variant="default" leftSection={<IconHelpCircle size={14} />} onClick={() => setDialog('why')}>
            {t('Why not…')}
          </Button>
          <Button variant="default" leftSection={<IconArrowsDiff size={14} />} onClick={() => setDialog('compare')}>
            {t('Compare…')}
          </Button>
          <ExportMenu model={model} rows={rows} scale={scale} title={`${first?.eventType ?? t('Trace')} · ${packed.correlationId} · ${formatDuration(timed.to - timed.from)}`} />
          {traceUrl === null ? null : (
            <Button component="a" href={traceUrl} target="_blank" rel="noreferrer" variant="default" leftSection={<IconExternalLink size={14} />}>
              {t('Tracing tool')}
            </Button>
          )}
        </>
      }
      panel={openNode === undefined ? null : <NodePanel model={model} node={openNode} onClose={() => open(undefined, false)} onGo={goTo} />}
    >
      {packed.truncated ? (
        <div className="notice notice-warn">
          <div>{t('This correlation holds more than is shown here: the first {events, plural, one {# event} other {# events}} and {jobs, plural, one {# job} other {# jobs}}.', { events: lineage.events.length, jobs: lineage.jobs.length })}</div>
        </div>
      ) : null}
      <PathStrip model={model} />
      {view === 'graph' ? (
        <Suspense fallback={<SkeletonRows />}>
          <GraphView model={model} selected={openKey} onOpen={(key) => open(key)} />
        </Suspense>
      ) : (
        <>
          <div className="toolbar trace-tools">
            <TextInput
              className="toolbar-grow"
              aria-label={t('Filter this trace')}
              data-page-filter
              placeholder={t('Type, id, source, state or error; the rest is hidden   (press /)')}
              leftSection={<IconSearch size={14} />}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              onBlur={keepText}
              onKeyDown={(event) => event.key === 'Enter' && keepText()}
            />
            <button type="button" className="chip" aria-pressed={trouble} disabled={model.troubled === 0 && !trouble} onClick={() => setFilter({ trouble: trouble ? undefined : true })}>
              {t('Trouble {n, number}', { n: model.troubled })}
            </button>
            <button type="button" className="chip" aria-pressed={pathOnly} onClick={() => setFilter({ path: pathOnly ? undefined : true })}>
              {t('Critical path {n, number}', { n: model.onPath.size })}
            </button>
            <Checkbox label={t('Fold idle time')} checked={fold} onChange={(event) => setFold(event.currentTarget.checked)} />
            {closed.size > 0 ? (
              <button type="button" className="chip" onClick={() => setClosed(new Set())}>
                {t('Expand all')}
              </button>
            ) : null}
            <span className="quiet num trace-shown">{isFiltering(filter) ? t('{found, number} of {n, number} found', { found: wanted, n: timed.nodes.length }) : t('{n, number} nodes', { n: timed.nodes.length })}</span>
          </div>
          {rows.length > WORTH_A_MAP ? <Minimap rows={rows} scale={scale} onPath={model.onPath} view={minimap} onGo={showRow} /> : null}
          <WaterfallTable
            model={model}
            rows={rows}
            scale={scale}
            closed={closed}
            selected={openKey}
            reveal={reveal}
            empty={<Empty title={t('Nothing in this trace fits')}>{t('The whole trace is there again once the filter is empty.')}</Empty>}
            onToggle={toggle}
            onExpand={({ node }, expanded) => setBranch(node.key, !expanded)}
            onOpen={({ node }) => open(node.key)}
            onFold={onFold}
            onRange={onRange}
          />
        </>
      )}
      <WhyNotDialog correlationId={packed.correlationId} opened={dialog === 'why'} onClose={() => setDialog(null)} />
      <CompareDialog correlationId={packed.correlationId} rootType={first?.eventType ?? null} opened={dialog === 'compare'} onClose={() => setDialog(null)} />
    </Page>
  );
}
