/** Set aside: messages that are no valid event, kept with their bytes and the reason. */
import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo, useState } from 'react';
import type { SetAsideRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { SET_ASIDE_REASONS } from '../app/search-params.ts';
import { countOf, formatBytes, formatCount } from '../kit/format.ts';
import { CopyButton } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Page, Section, SidePanel } from '../kit/page.tsx';
import { Ago, Clock } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { bytesOf, hexDump } from './raw-bytes.ts';

const route = getRouteApi('/set-aside');

const REASON_WORDS: Record<SetAsideRow['reason'], string> = {
  'not-json': 'not JSON',
  'bad-envelope': 'bad envelope',
  'type-mismatch': 'type and subject differ',
  'bad-payload': 'bad payload',
  'trigger-failed': 'routing failed',
  'too-large': 'too large',
};

const COLUMNS: readonly GridColumn<SetAsideRow>[] = [
  { id: 'stored', header: 'Stored', width: '76px', cell: (row) => <Ago at={row.storedMs} says="ago" /> },
  { id: 'reason', header: 'Reason', width: '158px', cell: (row) => REASON_WORDS[row.reason] },
  { id: 'subject', header: 'Subject', wideOnly: true, width: 'minmax(140px, 240px)', cell: (row) => <span className="clip mono" title={row.subject}>{row.subject}</span> },
  { id: 'problem', header: 'Problem', width: 'minmax(160px, 1fr)', cell: (row) => <span className="clip" title={row.problem}>{row.problem}</span> },
  { id: 'bytes', header: 'Size', wideOnly: true, width: '72px', align: 'right', cell: (row) => formatBytes(row.bytes) },
  { id: 'seq', header: 'Sequence', width: '86px', align: 'right', cell: (row) => <span className="quiet">{formatCount(row.streamSeq)}</span> },
];

/** The page. */
export function SetAsidePage(): ReactElement {
  const { reason, message } = route.useSearch();
  const navigate = route.useNavigate();
  const messages = useInfiniteQuery(
    api.setAside.list.infiniteOptions({
      input: (beforeId: number | undefined) => ({ limit: 100, ...(reason === undefined ? {} : { reason }), ...(beforeId === undefined ? {} : { beforeId }) }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.rows.at(-1)?.id : undefined),
      refetchInterval: 5_000,
    }),
  );
  const rows = useMemo(() => messages.data?.pages.flatMap((page) => page.rows) ?? [], [messages.data]);
  const byReason = messages.data?.pages[0]?.byReason ?? {};
  const all = Object.values(byReason).reduce((sum, count) => sum + count, 0);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = messages;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const choose = (next: (typeof SET_ASIDE_REASONS)[number] | undefined): void => void navigate({ search: { reason: next }, replace: true });

  return (
    <Page
      title="Set aside"
      fixed
      answer={messages.data ? (all === 0 ? 'Every message so far was a valid event.' : `${countOf(all, 'message')} ${all === 1 ? 'was' : 'were'} no valid event and ${all === 1 ? 'is' : 'are'} kept here. They owe no jobs.`) : ''}
      panel={message === undefined ? null : <MessagePanel id={message} onClose={() => void navigate({ search: (before) => ({ ...before, message: undefined }) })} />}
    >
      <fieldset className="toolbar" aria-label="Reason">
        <button type="button" className="chip" aria-pressed={reason === undefined} onClick={() => choose(undefined)}>
          All <b>{formatCount(all)}</b>
        </button>
        {SET_ASIDE_REASONS.filter((each) => (byReason[each] ?? 0) > 0 || each === reason).map((each) => (
          <button key={each} type="button" className="chip" aria-pressed={reason === each} onClick={() => choose(reason === each ? undefined : each)}>
            {REASON_WORDS[each]} <b>{formatCount(byReason[each] ?? 0)}</b>
          </button>
        ))}
      </fieldset>
      {messages.error ? <ErrorNotice what="Messages could not be read" error={messages.error} retry={() => void messages.refetch()} /> : null}
      <VirtualGrid
        label="Messages set aside"
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => String(row.id)}
        selected={message === undefined ? undefined : String(message)}
        onOpen={(row) => void navigate({ search: (before) => ({ ...before, message: row.id }), replace: message !== undefined })}
        onEnd={onEnd}
        empty={messages.isPending ? <SkeletonRows rows={10} /> : <Empty title="Nothing is set aside">A message on the bus that is no valid event comes here with its bytes, so that nothing disappears unseen.</Empty>}
        footer={<span>{countOf(rows.length, 'message')}{hasNextPage ? ', scroll down for older ones' : ''}</span>}
      />
    </Page>
  );
}

function MessagePanel({ id, onClose }: { id: number; onClose(): void }): ReactElement {
  const detail = useQuery(api.setAside.get.queryOptions({ input: { id } }));
  const [as, setAs] = useState<'text' | 'hex'>('text');
  // While another message is read, the one before must not stand under its name.
  const data = detail.data?.row.id === id ? detail.data : undefined;
  const bytes = useMemo(() => (data ? bytesOf(data.base64) : null), [data]);
  const asText = as === 'text' && data?.text !== null;
  return (
    <SidePanel label="Message set aside" title={data ? <span className="mono">{data.row.subject}</span> : 'Message'} onClose={onClose}>
      {data ? (
        <>
          <Section title="Why it was set aside">
            <p className="wrap">{data.row.problem}</p>
          </Section>
          <Section title="Message">
            <Facts
              facts={[
                ['Reason', REASON_WORDS[data.row.reason]],
                ['Sequence', formatCount(data.row.streamSeq)],
                ['Stored', <Clock key="stored" at={data.row.storedMs} />],
                ['Size', formatBytes(data.row.bytes)],
              ]}
            />
          </Section>
          <Section
            title="Bytes"
            aside={
              data.text === null ? (
                <span className="quiet">not UTF-8</span>
              ) : (
                <SegmentedControl aria-label="Show bytes as" value={as} onChange={(next) => setAs(next === 'hex' ? 'hex' : 'text')} data={[{ value: 'text', label: 'Text' }, { value: 'hex', label: 'Hex' }]} />
              )
            }
          >
            <div className="json-box">
              <CopyButton text={asText ? (data.text ?? '') : data.base64} label={asText ? 'Copy the text' : 'Copy as base64'} />
              <pre className={asText ? 'json' : 'json hex'}>{asText ? data.text || '(empty)' : bytes ? hexDump(bytes) || '(empty)' : data.base64}</pre>
            </div>
          </Section>
          <Section title="Headers">
            {data.headers.length === 0 ? <p className="quiet">None.</p> : null}
            <Facts facts={data.headers.map(({ name, value }, index) => [data.headers.findIndex((each) => each.name === name) === index ? name : `${name} (${index + 1})`, <span key={`${name}:${value}`} className="mono wrap">{value}</span>] as const)} />
          </Section>
        </>
      ) : detail.error ? (
        <ErrorNotice what="This message could not be read" error={detail.error} retry={() => void detail.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </SidePanel>
  );
}
