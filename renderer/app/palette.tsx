/** Ctrl/Cmd-K: pages, actions, and any pasted id. */
import { Spotlight, type SpotlightActionData, spotlight } from '@mantine/spotlight';
import { IconBookmark, IconFlask, IconHierarchy2, IconKeyboard, IconLanguage, IconSearch, IconSend, IconSkull } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { LANGUAGE_NAMES, LANGUAGES, t } from '../../shared/i18n/translate.ts';
import { openPublishForm } from '../flow/publish-form.tsx';
import { useLanguage } from '../i18n/language-choice.ts';
import { useSiteStatus } from './connection/connection-store.ts';
import { useDemoTraffic } from './demo-traffic.tsx';
import { PAGES } from './pages.ts';
import { useSavedViews } from './saved-views.ts';

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
  const running = useSiteStatus()?.demo.running === true;
  const wanted = query.trim();

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
            onClick: () => void navigate({ to: '/traces', search: { q: wanted } }),
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
