/** Messages of a stream, newest first, from a sequence or a moment on, both ways. */
import { Autocomplete, Button, NumberInput, TextInput } from '@mantine/core';
import { IconArrowBarToUp } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ReactElement, useCallback, useMemo, useState } from 'react';
import type { BusStream, StreamMessageRow } from '../../shared/operator-api/index.ts';
import { message, t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import type { StreamsSearch } from '../app/search-params.ts';
import { formatBytes, formatCount } from '../kit/format.ts';
import { EventType, TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Clock } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';

const PAGE = 100;

const COLUMNS: readonly GridColumn<StreamMessageRow>[] = [
  { id: 'seq', header: message('Sequence'), width: '76px', align: 'right', cell: (row) => <span className="num">{formatCount(row.seq)}</span> },
  { id: 'time', header: message('Stored'), width: '94px', cell: (row) => <Clock at={row.storedMs} /> },
  { id: 'subject', header: message('Subject'), width: 'minmax(180px, 280px)', cell: (row) => <EventType type={row.subject} /> },
  { id: 'source', header: message('Source'), wideOnly: true, width: 'minmax(72px, 130px)', cell: (row) => <span className="clip quiet" title={row.source ?? ''}>{row.source ?? '—'}</span> },
  { id: 'correlation', header: message('Correlation'), width: '104px', cell: (row) => (row.correlationId === null ? <span className="missing">—</span> : <TraceId id={row.correlationId} />) },
  { id: 'summary', header: message('Payload'), width: 'minmax(120px, 1fr)', cell: (row) => <span className="clip mono flow-summary">{row.summary}</span> },
  { id: 'bytes', header: message('Size'), wideOnly: true, width: '76px', align: 'right', cell: (row) => <span className="num quiet">{formatBytes(row.bytes)}</span> },
];

/** Where a page begins. */
type Place = { beforeSeq: number } | { untilMs: number } | { afterSeq: number } | Record<string, never>;

export function MessagesView({ stream, search, change }: { stream: BusStream | undefined; search: StreamsSearch; change(part: Partial<StreamsSearch>): void }): ReactElement {
  const name = search.stream ?? 'platform-events';
  const { subject, seq, at, message: open } = search;
  const sources = useQuery(api.flow.sources.queryOptions({ staleTime: 60_000 }));
  const [text, setText] = useDraft(subject ?? '');
  const first: Place = seq === undefined ? (at === undefined ? {} : { untilMs: at }) : { beforeSeq: seq + 1 };
  const list = useInfiniteQuery(
    api.streamMessages.list.infiniteOptions({
      input: (place: Place) => ({ stream: name, limit: PAGE, ...(subject === undefined ? {} : { subject }), ...place }),
      initialPageParam: first,
      getNextPageParam: (last) => {
        const oldest = last.messages.at(-1);
        return last.older && oldest ? { beforeSeq: oldest.seq } : undefined;
      },
      getPreviousPageParam: (newest) => ({ afterSeq: newest.messages[0]?.seq ?? stream?.lastSeq ?? 0 }),
      // What lies in a stream does not change; asking again for pages far down would move the list.
      refetchOnMount: false,
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    }),
  );
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.messages) ?? [], [list.data]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage, fetchPreviousPage, isFetchingPreviousPage } = list;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const [reveal, setReveal] = useState<{ index: number; stamp: number }>();
  // What was read stays in view, under the newer ones.
  const showNewer = async (): Promise<void> => {
    const { data } = await fetchPreviousPage();
    const index = data?.pages[0]?.messages.length ?? 0;
    if (index > 0) setReveal((before) => ({ index, stamp: (before?.stamp ?? 0) + 1 }));
  };
  const newest = rows[0]?.seq ?? 0;
  const behind = stream === undefined ? 0 : stream.lastSeq - newest;
  const atPlace = seq !== undefined || at !== undefined;

  return (
    <>
      <div className="toolbar">
        <Autocomplete
          className="toolbar-grow"
          aria-label={t('Subject')}
          data-page-filter
          placeholder={t('Any subject, domain.* for a whole domain   (press /)')}
          value={text}
          data={sources.data?.types ?? []}
          limit={50}
          onChange={setText}
          onOptionSubmit={(next) => change({ subject: next })}
          onBlur={() => change({ subject: text.trim() === '' ? undefined : text.trim() })}
          onKeyDown={(event) => {
            if (event.key === 'Enter') change({ subject: text.trim() === '' ? undefined : text.trim() });
          }}
          clearable
          onClear={() => change({ subject: undefined })}
          classNames={{ input: 'mono' }}
        />
        <SequenceField seq={seq} go={(next) => change({ seq: next, at: undefined })} />
        <MomentField at={at} go={(next) => change({ at: next, seq: undefined })} />
        <Button variant="default" leftSection={<IconArrowBarToUp size={14} />} disabled={!atPlace && behind === 0} onClick={() => (atPlace ? change({ seq: undefined, at: undefined }) : void list.refetch())}>
          {t('Newest')}
        </Button>
      </div>
      {list.error ? <ErrorNotice what={t('The messages could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      {behind > 0 && rows.length > 0 ? (
        <button type="button" className="streams-newer" disabled={isFetchingPreviousPage} onClick={() => void showNewer()}>
          {subject === undefined ? t('Show newer ones ({n, plural, one {# message} other {# messages}})', { n: behind }) : t('Look for newer ones')}
        </button>
      ) : null}
      <VirtualGrid
        // Another place begins at its top.
        key={`${subject} ${seq} ${at}`}
        label={t('Messages')}
        columns={COLUMNS}
        count={rows.length}
        total={stream?.messages}
        rowAt={(index) => rows[index]}
        keyOf={(row) => String(row.seq)}
        selected={open === undefined ? undefined : String(open)}
        rowHeight={28}
        reveal={reveal}
        onOpen={(row) => change({ message: row.seq })}
        onEnd={onEnd}
        empty={list.isPending ? <SkeletonRows rows={12} /> : <Empty title={t('No message is here')}>{subject === undefined ? t('The stream holds none before this place.') : t('None of this subject lies before this place. Take away the subject, or go to the newest.')}</Empty>}
        footer={<span>{t('{n, plural, one {# message} other {# messages}} shown, newest first', { n: rows.length })}{hasNextPage ? `; ${t('scroll down for older ones')}` : rows.length > 0 ? `, ${t('back to the oldest')}` : ''}</span>}
      />
    </>
  );
}

function SequenceField({ seq, go }: { seq: number | undefined; go(seq: number | undefined): void }): ReactElement {
  const [text, setText] = useDraft(seq === undefined ? '' : String(seq));
  const take = (): void => go(/^\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined);
  return (
    <NumberInput
      aria-label={t('From sequence')} placeholder={t('From sequence')} w={150} min={1} allowDecimal={false} allowNegative={false} hideControls thousandSeparator=","
      value={text} onChange={(next) => setText(String(next))} onKeyDown={(event) => (event.key === 'Enter' ? take() : undefined)} onBlur={() => (text === (seq === undefined ? '' : String(seq)) ? undefined : take())}
    />
  );
}

/** A moment of this machine's clock, as the field of the browser writes it. */
function localMoment(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19);
}

function MomentField({ at, go }: { at: number | undefined; go(at: number | undefined): void }): ReactElement {
  const [text, setText] = useDraft(at === undefined ? '' : localMoment(at));
  const take = (): void => {
    const moment = text === '' ? Number.NaN : new Date(text).getTime();
    // To the second: what was stored within it is meant, too.
    go(Number.isFinite(moment) ? moment - (moment % 1_000) + 999 : undefined);
  };
  return (
    <TextInput
      type="datetime-local" step={1} aria-label={t('From time')} w={200} value={text}
      onChange={(event) => setText(event.currentTarget.value)} onKeyDown={(event) => (event.key === 'Enter' ? take() : undefined)} onBlur={() => (text === (at === undefined ? '' : localMoment(at)) ? undefined : take())}
    />
  );
}
