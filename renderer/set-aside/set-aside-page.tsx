/** Set aside: messages that are no valid event, kept with their bytes and the reason. */
import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { SetAsideRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { SET_ASIDE_REASONS } from '../app/search-params.ts';
import { formatBytes, formatCount } from '../kit/format.ts';
import { CopyButton } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Page, Section, SidePanel } from '../kit/page.tsx';
import { Ago, Clock } from '../kit/time.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { bytesOf, hexDump } from './raw-bytes.ts';

const route = getRouteApi('/set-aside');

const REASON_WORDS: Record<SetAsideRow['reason'], string> = {
  'not-json': message('not JSON'),
  'bad-envelope': message('bad envelope'),
  'type-mismatch': message('type and subject differ'),
  'bad-payload': message('bad payload'),
  'trigger-failed': message('routing failed'),
  'too-large': message('too large'),
};

function reasonWord(reason: SetAsideRow['reason']): string {
  const word = REASON_WORDS[reason];
  return t(word);
}

const COLUMNS: readonly GridColumn<SetAsideRow>[] = [
  { id: 'stored', header: message('Stored'), width: '76px', cell: (row) => <Ago at={row.storedMs} says="ago" /> },
  { id: 'reason', header: message('Reason'), width: '158px', cell: (row) => reasonWord(row.reason) },
  { id: 'subject', header: message('Subject'), wideOnly: true, width: 'minmax(140px, 240px)', cell: (row) => <span className="clip mono" title={row.subject}>{row.subject}</span> },
  { id: 'problem', header: message('Problem'), width: 'minmax(160px, 1fr)', cell: (row) => <span className="clip" title={row.problem}>{row.problem}</span> },
  { id: 'bytes', header: message('Size'), wideOnly: true, width: '72px', align: 'right', cell: (row) => formatBytes(row.bytes) },
  { id: 'seq', header: message('Sequence'), width: '86px', align: 'right', cell: (row) => <span className="quiet">{formatCount(row.streamSeq)}</span> },
];

/** The page. */
export function SetAsidePage(): ReactElement {
  const { reason, message: openId } = route.useSearch();
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
      title={t('Set aside')}
      fixed
      answer={messages.data ? (all === 0 ? t('Every message so far was a valid event.') : t('{n, plural, one {# message was no valid event and is} other {# messages were no valid event and are}} kept here. They owe no jobs.', { n: all })) : ''}
      panel={openId === undefined ? null : <MessagePanel id={openId} onClose={() => void navigate({ search: (before) => ({ ...before, message: undefined }) })} />}
    >
      <fieldset className="toolbar" aria-label={t('Reason')}>
        <button type="button" className="chip" aria-pressed={reason === undefined} onClick={() => choose(undefined)}>
          {t('All')} <b>{formatCount(all)}</b>
        </button>
        {SET_ASIDE_REASONS.filter((each) => (byReason[each] ?? 0) > 0 || each === reason).map((each) => (
          <button key={each} type="button" className="chip" aria-pressed={reason === each} onClick={() => choose(reason === each ? undefined : each)}>
            {reasonWord(each)} <b>{formatCount(byReason[each] ?? 0)}</b>
          </button>
        ))}
      </fieldset>
      {messages.error ? <ErrorNotice what={t('Messages could not be read')} error={messages.error} retry={() => void messages.refetch()} /> : null}
      <VirtualGrid
        label={t('Messages set aside')}
        columns={COLUMNS}
        count={rows.length}
        rowAt={(index) => rows[index]}
        keyOf={(row) => String(row.id)}
        selected={openId === undefined ? undefined : String(openId)}
        onOpen={(row) => void navigate({ search: (before) => ({ ...before, message: row.id }), replace: openId !== undefined })}
        onEnd={onEnd}
        empty={messages.isPending ? <SkeletonRows rows={10} /> : <Empty title={t('Nothing is set aside')}>{t('A message on the bus that is no valid event comes here with its bytes, so that nothing disappears unseen.')}</Empty>}
        footer={<span>{t('{n, plural, one {# message} other {# messages}}{more, select, yes {, scroll down for older ones} other {}}', { n: rows.length, more: hasNextPage ? 'yes' : 'no' })}</span>}
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
    <SidePanel label={t('Message set aside')} title={data ? <span className="mono">{data.row.subject}</span> : t('Message')} onClose={onClose}>
      {data ? (
        <>
          <Section title={t('Why it was set aside')}>
            <p className="wrap">{data.row.problem}</p>
          </Section>
          <Section title={t('Message')}>
            <Facts
              facts={[
                [t('Reason'), reasonWord(data.row.reason)],
                [t('Sequence'), formatCount(data.row.streamSeq)],
                [t('Stored'), <Clock key="stored" at={data.row.storedMs} />],
                [t('Size'), formatBytes(data.row.bytes)],
              ]}
            />
          </Section>
          <Section
            title={t('Bytes')}
            aside={
              data.text === null ? (
                <span className="quiet">{t('not UTF-8')}</span>
              ) : (
                <SegmentedControl aria-label={t('Show bytes as')} value={as} onChange={(next) => setAs(next === 'hex' ? 'hex' : 'text')} data={[{ value: 'text', label: t('Text') }, { value: 'hex', label: t('Hex') }]} />
              )
            }
          >
            <div className="json-box">
              <CopyButton text={asText ? (data.text ?? '') : data.base64} label={asText ? t('Copy the text') : t('Copy as base64')} />
              <pre className={asText ? 'json' : 'json hex'}>{asText ? data.text || t('(empty)') : bytes ? hexDump(bytes) || t('(empty)') : data.base64}</pre>
            </div>
          </Section>
          <Section title={t('Headers')}>
            {data.headers.length === 0 ? <p className="quiet">{t('None.')}</p> : null}
            <Facts facts={data.headers.map(({ name, value }, index) => [data.headers.findIndex((each) => each.name === name) === index ? name : `${name} (${index + 1})`, <span key={`${name}:${value}`} className="mono wrap">{value}</span>] as const)} />
          </Section>
        </>
      ) : detail.error ? (
        <ErrorNotice what={t('This message could not be read')} error={detail.error} retry={() => void detail.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </SidePanel>
  );
}
