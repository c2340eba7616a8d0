/** Ctrl/Cmd-K: pages, actions, and any pasted id. */
import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, type SpotlightActionData, spotlight } from '@mantine/spotlight';
import { IconArchive, IconBell, IconBookmark, IconFlask, IconHierarchy2, IconHistory, IconKeyboard, IconLanguage, IconMoon, IconPlayerPause, IconSearch, IconSend, IconSettings, IconSkull } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { LANGUAGE_NAMES, LANGUAGES, t } from '../../shared/i18n/translate.ts';
import type { TraceSearchResult } from '../../shared/operator-api/index.ts';
import { SETTING_GROUPS } from '../../shared/site-settings.ts';
import { openPublishForm } from '../flow/publish-form.tsx';
import { useLanguage } from '../i18n/language-choice.ts';
import { api, client } from './connection/client.ts';
import { useSiteStatus } from './connection/connection-store.ts';
import { useDemoTraffic } from './demo-traffic.tsx';
import { PAGES } from './pages.ts';
import { GROUP_TITLES } from '../settings/setting-words.ts';
import { useSavedViews } from './saved-views.ts';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NONE: Pick<TraceSearchResult, 'traces' | 'matched'> = { traces: [], matched: 'none' };

/** Open the palette. */
export function openPalette(): void {
  spotlight.open();
}

/** Mounted once by the shell. */
export function Palette({ openCheatSheet }: { openCheatSheet: () => void }): ReactElement {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const demo = useDemoTraffic();
  const { language, choose } = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const queues = useQuery(api.tiers.queues.queryOptions({ staleTime: 10_000 })).data?.queues ?? [];
  const running = useSiteStatus()?.demo.running === true;
  const wanted = query.trim();

  /** A pasted id of a correlation, an event or a job leads to where it stands; anything else to the list of what was found. */
  const find = async (words: string): Promise<void> => {
    if (ID.test(words)) {
      // An error is told by the list, which asks the same.
      const { traces, matched } = await client.traces.search({ query: words, limit: 2 }).catch(() => NONE);
      const [only] = traces;
      if (only && traces.length === 1 && (matched === 'event' || matched === 'job' || matched === 'correlation')) {
        return navigate({ to: '/traces/$correlationId', params: { correlationId: only.correlationId }, search: matched === 'correlation' ? {} : { node: `${matched}:${words.toLowerCase()}` } });
      }
    }
    return navigate({ to: '/traces', search: { q: words } });
  };

  const found: SpotlightActionData[] =
    wanted === ''
      ? []
      : [
          {
            id: 'search-traces',
            label: t('Find traces by “{words}”', { words: wanted }),
            description: t('An id, a type, words of a payload, or filters such as error:timeout took:>2s'),
            keywords: wanted,
            leftSection: <IconHierarchy2 size={16} />,
            onClick: () => void find(wanted),
          },
          {
            id: 'search-documents',
            label: t('Search documents for “{words}”', { words: wanted }),
            keywords: wanted,
            leftSection: <IconSearch size={16} />,
            onClick: () => void navigate({ to: '/documents', search: { q: wanted } }),
          },
        ];
  const pages: SpotlightActionData[] = PAGES.map(({ to, name, icon: Icon, about, key }) => ({
    id: to,
    label: t(name),
    description: t(about),
    leftSection: <Icon size={16} />,
    rightSection: <kbd>g {key}</kbd>,
    onClick: () => void navigate({ to }),
  }));
  const views: SpotlightActionData[] = useSavedViews((state) => state.views).map(({ name, path }) => ({ id: `view-${name}`, label: name, description: decodeURIComponent(path), leftSection: <IconBookmark size={16} />, onClick: () => void navigate({ href: path }) }));
  const actions: SpotlightActionData[] = [
    { id: 'publish', label: t('Publish an event'), leftSection: <IconSend size={16} />, onClick: () => openPublishForm() },
    running
      ? { id: 'demo', label: t('Stop demo traffic'), leftSection: <IconFlask size={16} />, onClick: demo.stop }
      : { id: 'demo', label: t('Start demo traffic'), leftSection: <IconFlask size={16} />, onClick: demo.start },
    { id: 'failed', label: t('Traces with dead letters'), leftSection: <IconSkull size={16} />, onClick: () => void navigate({ to: '/traces', search: { show: 'dead' } }) },
    { id: 'slowest', label: t('The slowest traces'), leftSection: <IconHierarchy2 size={16} />, onClick: () => void navigate({ to: '/traces', search: { order: 'slowest' } }) },
    ...queues.map(({ queue, paused }) => ({
      id: `queue-${queue}`,
      label: paused ? t('Resume queue {queue}…', { queue }) : t('Pause queue {queue}, or change how many run at once…', { queue }),
      leftSection: <IconPlayerPause size={16} />,
      onClick: () => void navigate({ to: '/tiers', search: { queue } }),
    })),
    { id: 'backup', label: t('Back up…'), leftSection: <IconArchive size={16} />, onClick: () => void navigate({ to: '/backups' }) },
    { id: 'replay', label: t('Replay past events…'), leftSection: <IconHistory size={16} />, onClick: () => void navigate({ to: '/replay' }) },
    { id: 'alert-rules', label: t('Change what alerts are raised for…'), leftSection: <IconBell size={16} />, onClick: () => void navigate({ to: '/alerts' }) },
    ...SETTING_GROUPS.map((group) => ({ id: `settings-${group}`, label: t('Settings: {group}…', { group: t(GROUP_TITLES[group]) }), leftSection: <IconSettings size={16} />, onClick: () => void navigate({ to: '/settings', search: { group } }) })),
    ...(['light', 'dark', 'auto'] as const).map((scheme) => ({
      id: `scheme-${scheme}`,
      label: t('Colour scheme: {scheme}', { scheme: { light: t('Light'), dark: t('Dark'), auto: t('As the system') }[scheme] }),
      leftSection: <IconMoon size={16} />,
      onClick: () => setColorScheme(scheme),
    })),
    { id: 'keys', label: t('Show the keys'), leftSection: <IconKeyboard size={16} />, rightSection: <kbd>?</kbd>, onClick: openCheatSheet },
    ...LANGUAGES.filter((other) => other !== language).map((other) => ({
      id: `language-${other}`,
      label: t('Language: {language}', { language: LANGUAGE_NAMES[other] }),
      leftSection: <IconLanguage size={16} />,
      onClick: () => choose(other),
    })),
  ];

  return (
    <Spotlight
      actions={[
        { group: t('Pages'), actions: pages },
        ...(views.length > 0 ? [{ group: t('Saved views'), actions: views }] : []),
        { group: t('Actions'), actions },
        { group: t('Search'), actions: found },
      ]}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      nothingFound={t('Nothing fits')}
      transitionProps={{ duration: 0 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      scrollable
      attributes={{ content: { 'aria-label': t('Search or jump') } }}
      maxHeight={420}
      searchProps={{ placeholder: t('Page, action, or paste an id'), leftSection: <IconSearch size={16} />, 'aria-label': t('Search or jump') }}
    />
  );
}
