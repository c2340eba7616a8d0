/** Jobs: every job of every queue, newest first, and one with its attempts. */
import { Autocomplete, Checkbox, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { JobRow } from '../../shared/operator-api/index.ts';
import { TIERS } from '../../shared/tiers.ts';
import { api } from '../app/connection/client.ts';
import { JOB_STATES, type JobsSearch } from '../app/search-params.ts';
import { Trans } from '../i18n/trans.tsx';
import { formatCount, formatDuration } from '../kit/format.ts';
import { JobType, TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { JobStateSign, jobStateWord } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { parseInputQuery } from './input-query.ts';
import { JobPanel } from './job-panel.tsx';

const route = getRouteApi('/jobs');
/** Enough for a large screen; more once somebody scrolls. */
const FIRST_PAGE = 80;
const PAGE = 200;

const COLUMNS: readonly GridColumn<JobRow>[] = [
  { id: 'at', header: message('Enqueued'), width: '92px', cell: (row) => <Ago at={row.enqueuedMs} says="ago" /> },
  { id: 'state', header: message('State'), width: '116px', cell: (row) => <JobStateSign state={row.state} /> },
  { id: 'type', header: message('Job type'), width: 'minmax(170px, 240px)', cell: (row) => <JobType type={row.jobType} /> },
  { id: 'queue', header: message('Queue'), wideOnly: true, width: '104px', cell: (row) => <span className="clip mono quiet">{row.queue}</span> },
  { id: 'waited', header: message('Waited'), width: '84px', align: 'right', cell: (row) => <span className="num" title={t('published → handler started')}>{formatDuration(row.startedMs === null ? null : Math.max(0, row.startedMs - row.publishedMs))}</span> },
  { id: 'ran', header: message('Ran'), wideOnly: true, width: '84px', align: 'right', cell: (row) => <span className="num" title={t('first start → end')}>{formatDuration(row.startedMs === null || row.finishedMs === null ? null : Math.max(0, row.finishedMs - row.startedMs))}</span> },
  { id: 'attempts', header: message('Attempts'), wideOnly: true, width: '76px', align: 'right', cell: (row) => <span className={row.attempts > 1 ? 'num tone-retrying' : 'num quiet'}>{formatCount(row.attempts)}</span> },
  { id: 'trace', header: message('Trace'), wideOnly: true, width: '104px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'error', header: message('Last error'), width: 'minmax(90px, 1fr)', cell: (row) => (row.lastError === null ? <span className="quiet">—</span> : <span className="clip" title={row.lastError}>{row.lastError}</span>) },
];

/** The page. */
export function JobsPage(): ReactElement {
  const { state, tier, type, q, late, job } = route.useSearch();
  const { query: wanted, problem } = useMemo(() => parseInputQuery(q ?? ''), [q]);
  const navigate = route.useNavigate();
  const change = (part: Partial<JobsSearch>): void => void navigate({ search: (before) => ({ ...before, ...part }), replace: true });
  // Rows must not move away under the pointer, nor while one is being read.
  const [pointedAt, setPointedAt] = useState(false);
  const still = pointedAt || job !== undefined;
  const types = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 60_000 }));
  const jobs = useInfiniteQuery(
    api.jobs.list.infiniteOptions({
      input: (before: number | undefined) => ({ limit: before === undefined ? FIRST_PAGE : PAGE, ...(state ? { state } : {}), ...(tier ? { tier } : {}), ...(type ? { jobType: type } : {}), ...(late ? { late } : {}), ...wanted, ...(before === undefined ? {} : { beforeLedgerId: before }) }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => last.nextBefore ?? undefined,
      refetchInterval: still ? false : 2_000,
      placeholderData: keepPreviousData,
    }),
  );
  const unfinished = jobs.data?.pages.at(-1)?.complete === false;
  const rows = useMemo(() => jobs.data?.pages.flatMap((page) => page.jobs) ?? [], [jobs.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = jobs;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const queues = useQuery(api.tiers.queues.queryOptions({ refetchInterval: 1_000 }));
  const filtered = state !== undefined || tier !== undefined || type !== undefined || q !== undefined || late === true;

  return (
    <Page
      title={t('Jobs')}
      fixed
      answer={queues.data ? answerOf(queues.data.queues) : ''}
      panel={job === undefined ? null : <JobPanel key={job} jobId={job} onClose={() => change({ job: undefined })} />}
    >
      <div className="toolbar">
        <Autocomplete
          className="toolbar-grow"
          aria-label={t('Job type')}
          data-page-filter
          placeholder={t('Any job type   (press /)')}
          value={type ?? ''}
          data={types.data?.map((each) => each.type) ?? []}
          onChange={(next) => change({ type: next === '' ? undefined : next })}
          clearable
          classNames={{ input: 'mono' }}
        />
        <InputSearch value={q ?? ''} problem={problem} onChange={(next) => change({ q: next === '' ? undefined : next })} />
        <Select aria-label={t('State')} placeholder={t('Any state')} clearable w={150} data={JOB_STATES.map((value) => ({ value, label: jobStateWord(value) }))} value={state ?? null} onChange={(next) => change({ state: JOB_STATES.find((each) => each === next) })} />
        <Select aria-label={t('Tier')} placeholder={t('Any tier')} clearable w={150} data={[...TIERS]} value={tier ?? null} onChange={(next) => change({ tier: TIERS.find((each) => each === next) })} />
        <Checkbox label={t('Started late')} title={t('Later than its tier promises')} checked={late === true} onChange={(event) => change({ late: event.currentTarget.checked || undefined })} />
      </div>
      {jobs.error ? <ErrorNotice what={t('Jobs could not be read')} error={jobs.error} retry={() => void jobs.refetch()} /> : null}
      <div className="grid-holder" onPointerEnter={() => setPointedAt(true)} onPointerLeave={() => setPointedAt(false)}>
        <VirtualGrid
          label={t('Jobs')}
          columns={COLUMNS}
          count={rows.length}
          rowAt={(index) => rows[index]}
          keyOf={(row) => row.jobId}
          selected={job}
          onOpen={(row) => change({ job: row.jobId })}
          onEnd={onEnd}
          empty={jobs.isPending ? <SkeletonRows rows={8} /> : filtered ? <Empty title={t('No job is like that')}>{t('Clear the filter to see all.')}</Empty> : <Empty title={t('No jobs yet')}>{t('An event that a job type waits for owes a job, and it appears here.')}</Empty>}
          footer={
            <span>
              {unfinished ? (
                <>
                  {t('The search has not come to its end.')} <button type="button" className="link-button" onClick={onEnd}>{t('Search on')}</button>{' '}
                </>
              ) : null}
              <Trans
                message="{n, plural, one {# job} other {# jobs}}, newest first{more, select, yes {; scroll down for older ones} other {}}; <age/>{still, select, yes {, held still while you look at it} other {}}"
                values={{ n: rows.length, more: hasNextPage ? 'yes' : 'no', still: still ? 'yes' : 'no' }}
                parts={{ age: <Ago at={jobs.dataUpdatedAt} says="old" /> }}
              />
            </span>
          }
        />
      </div>
    </Page>
  );
}

function answerOf(queues: readonly { waiting: number; deferred: number; running: number }[]): string {
  const sum = (of: 'waiting' | 'deferred' | 'running'): number => queues.reduce((total, queue) => total + queue[of], 0);
  const [waiting, deferred, running] = [sum('waiting'), sum('deferred'), sum('running')];
  if (waiting + deferred + running === 0) return t('Nothing waits and nothing runs.');
  return t('{running, plural, one {# job runs} other {# jobs run}}, {waiting, plural, one {# waits} other {# wait}} for a worker, {deferred, number} for their time.', { running, waiting, deferred });
}

/** Searches in the input of jobs, on Enter. */
function InputSearch({ value, problem, onChange }: { value: string; problem: string | null; onChange(next: string): void }): ReactElement {
  const [text, setText] = useDraft(value);
  return (
    <TextInput
      className="toolbar-grow"
      aria-label={t('Search in the input')}
      placeholder={t('customer.id=42 "on the line"')}
      leftSection={<IconSearch size={14} />}
      value={text}
      error={problem}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && onChange(text.trim())}
      onBlur={() => text !== value && onChange(text.trim())}
      classNames={{ input: 'mono' }}
    />
  );
}
