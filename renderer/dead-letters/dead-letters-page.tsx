/** Dead letters: jobs that will not be tried again until a person decides. */
import { SegmentedControl, Select } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { DeadLetterRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { DEAD_LETTER_STATUSES } from '../app/search-params.ts';
import { countOf, formatCount } from '../kit/format.ts';
import { JobType, TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { DeadLetterSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { DeadLetterPanel, REASON_WORDS } from './dead-letter-panel.tsx';

const route = getRouteApi('/dead-letters');

const COLUMNS: readonly GridColumn<DeadLetterRow>[] = [
  { id: 'died', header: 'Died', width: '72px', cell: (row) => <Ago at={row.diedMs} suffix=" ago" /> },
  { id: 'type', header: 'Job type', width: 'minmax(170px, 230px)', cell: (row) => <JobType type={row.jobType} /> },
  { id: 'reason', header: 'Reason', wideOnly: true, width: '126px', cell: (row) => REASON_WORDS[row.reason] },
  { id: 'error', header: 'Last error', width: 'minmax(160px, 1fr)', cell: (row) => <span className="clip" title={row.errorMessage}><span className="mono quiet">{row.errorName}</span> {row.errorMessage}</span> },
  { id: 'attempts', header: 'Attempts', wideOnly: true, width: '64px', align: 'right', cell: (row) => formatCount(row.attempts) },
  { id: 'trace', header: 'Correlation', wideOnly: true, width: '104px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'status', header: 'Decision', width: '124px', cell: (row) => <DeadLetterSign status={row.status} /> },
];

/** The page. */
export function DeadLettersPage(): ReactElement {
  const { status = 'waiting', jobType, letter } = route.useSearch();
  const navigate = route.useNavigate();
  const site = useSiteStatus();
  const jobs = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 60_000 }));
  const letters = useInfiniteQuery(
    api.deadLetters.list.infiniteOptions({
      input: (after: string | undefined) => ({ status, limit: 100, ...(jobType === undefined ? {} : { jobType }), ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => last.next ?? undefined,
      refetchInterval: 5_000,
    }),
  );
  const rows = useMemo(() => letters.data?.pages.flatMap((page) => page.rows) ?? [], [letters.data]);
  const total = letters.data?.pages[0]?.total;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = letters;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const waiting = site?.deadLetters.waiting;

  return (
    <Page
      title="Dead letters"
      fixed
      answer={waiting === undefined ? '' : waiting === 0 ? 'No job waits for a decision.' : `${countOf(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'} for your decision: run again, or discard.`}
      tools={
        <>
          <Select
            aria-label="Job type"
            placeholder="Any job type"
            clearable
            searchable
            w={220}
            data={[...new Set([...(jobs.data ?? []).map(({ type }) => type), ...(jobType === undefined ? [] : [jobType])])]}
            value={jobType ?? null}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, jobType: next ?? undefined }), replace: true })}
          />
          <SegmentedControl
            aria-label="Decision"
            value={status}
            onChange={(next) => void navigate({ search: (before) => ({ ...before, status: DEAD_LETTER_STATUSES.find((each) => each === next && each !== 'waiting') }), replace: true })}
            data={[{ value: 'waiting', label: 'Waiting' }, { value: 'redriven', label: 'Redriven' }, { value: 'discarded', label: 'Discarded' }, { value: 'all', label: 'All' }]}
          />
        </>
      }
      panel={letter === undefined ? null : <DeadLetterPanel key={letter} deadLetterId={letter} onClose={() => void navigate({ search: (before) => ({ ...before, letter: undefined }) })} />}
    >
      {letters.error ? <ErrorNotice what="Dead letters could not be read" error={letters.error} retry={() => void letters.refetch()} /> : null}
      <VirtualGrid
        label="Dead letters"
        columns={COLUMNS}
        count={rows.length}
        total={total}
        rowAt={(index) => rows[index]}
        keyOf={(row) => row.deadLetterId}
        selected={letter}
        onOpen={(row) => void navigate({ search: (before) => ({ ...before, letter: row.deadLetterId }), replace: letter !== undefined })}
        onEnd={onEnd}
        empty={letters.isPending ? <SkeletonRows rows={10} /> : <NoLetters status={status} />}
        footer={<span>{total === undefined ? '' : rows.length < total ? `${formatCount(rows.length)} of ${countOf(total, 'dead letter')}, scroll down for older ones` : countOf(total, 'dead letter')}</span>}
      />
    </Page>
  );
}

function NoLetters({ status }: { status: string }): ReactElement {
  if (status !== 'waiting' && status !== 'all') return <Empty title={`No ${status} dead letters`} />;
  return <Empty title="No dead letters">A job comes here when its last attempt has failed, with its input and every error. It stays until a person decides.</Empty>;
}
