/** Streams: how full they are, who reads them, how long they keep, and what is in them. */
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { BusStream } from '../../shared/operator-api/index.ts';
import { t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import type { StreamsSearch } from '../app/search-params.ts';
import { formatBytes } from '../kit/format.ts';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Page } from '../kit/page.tsx';
import { ConsumersView } from './consumers-view.tsx';
import { MessagePanel } from './message-panel.tsx';
import { MessagesView } from './messages-view.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { StreamTable } from './stream-table.tsx';

const route = getRouteApi('/streams');

/** The page. */
export function StreamsPage(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<StreamsSearch>): void => void navigate({ search: (before) => ({ ...before, ...part }), replace: part.message === undefined || search.message !== undefined });
  const list = useQuery(api.busStreams.list.queryOptions({ refetchInterval: 2_000 }));
  const chosen = search.stream ?? 'platform-events';
  const streams = list.data?.streams ?? [];
  const stream = streams.find(({ name }) => name === chosen);
  const edited = streams.find(({ name }) => name === search.retention);

  return (
    <Page
      title={t('Streams')}
      fixed
      answer={list.data ? answerOf(streams) : ''}
      panel={
        edited ? <RetentionPanel key={edited.name} stream={edited} onClose={() => change({ retention: undefined })} />
        : search.message === undefined ? null : <MessagePanel key={search.message} stream={chosen} seq={search.message} onClose={() => change({ message: undefined })} />
      }
    >
      {list.error ? <ErrorNotice what={t('The streams could not be read')} error={list.error} retry={() => void list.refetch()} /> : null}
      {list.data ? <StreamTable streams={streams} chosen={chosen} onRetention={(name) => change({ retention: name, message: undefined })} /> : list.error ? null : <SkeletonRows rows={3} />}
      <div className="toolbar streams-tabs">
        <h2 className="mono">{chosen}</h2>
        <SegmentedControl
          aria-label={t('What to see of it')}
          data={[{ value: 'messages', label: t('Messages') }, { value: 'consumers', label: t('Consumers') }]}
          value={search.view ?? 'messages'}
          onChange={(view) => change({ view: view === 'consumers' ? 'consumers' : undefined })}
        />
      </div>
      {search.view === 'consumers' ? <ConsumersView stream={chosen} /> : <MessagesView key={chosen} stream={stream} search={search} change={change} />}
    </Page>
  );
}

function answerOf(streams: readonly BusStream[]): string {
  const [origin] = streams;
  const troubled = streams.filter(({ drift }) => drift.length > 0).length;
  return [
    t('{n, plural, one {# event} other {# events}} kept, {size}.', { n: origin?.messages ?? 0, size: formatBytes(origin?.bytes) }),
    troubled > 0 ? t('{n, plural, one {# stream is not as it should be.} other {# streams are not as they should be.}}', { n: troubled }) : streams.some(({ lag }) => (lag ?? 0) > 0) ? t('The copies are catching up.') : t('The copies are in step.'),
  ].join(' ');
}
