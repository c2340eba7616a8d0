/** Connections: what brings records in, what carries messages out, and what plugins add. */
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { ChannelRow, ConnectorStatus } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { CONNECTION_TABS } from '../app/search-params.ts';
import { Page } from '../kit/page.tsx';
import { ChannelPanel } from './channel-panel.tsx';
import { ChannelsView, keyOf } from './channels-view.tsx';
import { ConnectorPanel } from './connector-panel.tsx';
import { ConnectorsView } from './connectors-view.tsx';
import { PluginsView } from './plugins-view.tsx';

const route = getRouteApi('/connections');

/** The page. */
export function ConnectionsPage(): ReactElement {
  const { tab = 'connectors', open } = route.useSearch();
  const navigate = route.useNavigate();
  const connectors = useQuery(api.connectors.list.queryOptions({ refetchInterval: 3_000 }));
  const channels = useQuery(api.channels.list.queryOptions({ refetchInterval: 10_000 }));
  const show = (next: string | undefined): void => void navigate({ search: (before) => ({ ...before, open: next }), replace: open !== undefined && next !== undefined });
  const connector = tab === 'connectors' ? connectors.data?.find(({ id }) => id === open) : undefined;
  const channel = tab === 'channels' ? channels.data?.channels.find((each) => keyOf(each) === open) : undefined;
  return (
    <Page
      title={t('Connections')}
      fixed
      answer={connectors.data && channels.data ? answerOf(connectors.data, channels.data.channels) : ''}
      tools={
        <SegmentedControl
          aria-label={t('Show')}
          value={tab}
          onChange={(next) => void navigate({ search: { tab: CONNECTION_TABS.find((each) => each === next && each !== 'connectors') } })}
          data={[{ value: 'connectors', label: t('Connectors') }, { value: 'channels', label: t('Channels') }, { value: 'plugins', label: t('Plugins') }]}
        />
      }
      panel={
        connector ? <ConnectorPanel key={connector.id} connector={connector} onClose={() => show(undefined)} />
        : channel ? <ChannelPanel key={keyOf(channel)} channel={channel} onClose={() => show(undefined)} /> : null
      }
    >
      {tab === 'connectors' ? <ConnectorsView list={connectors} open={open} onOpen={show} /> : null}
      {tab === 'channels' ? <ChannelsView list={channels} open={open} onOpen={show} /> : null}
      {tab === 'plugins' ? <PluginsView /> : null}
    </Page>
  );
}

function answerOf(connectors: readonly ConnectorStatus[], channels: readonly ChannelRow[]): string {
  const failing = connectors.filter(({ lastOutcome }) => lastOutcome === 'failed').length;
  const unusable = channels.filter(({ configured, missing }) => configured && missing !== null).length;
  return [
    t('{connectors, plural, one {# connector} other {# connectors}}, {channels, plural, one {# way out} other {# ways out}} configured.', { connectors: connectors.length, channels: channels.filter(({ configured }) => configured).length }),
    ...(failing > 0 ? [t('{n, plural, one {# sync} other {# syncs}} failed the last time.', { n: failing })] : []),
    ...(unusable > 0 ? [t('{n, plural, one {# secret is} other {# secrets are}} missing.', { n: unusable })] : []),
  ].join(' ');
}
