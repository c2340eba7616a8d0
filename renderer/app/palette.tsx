/** Ctrl/Cmd-K: pages, actions, and any pasted id. */
import { Spotlight, type SpotlightActionData, spotlight } from '@mantine/spotlight';
import { IconFlask, IconHierarchy2, IconKeyboard, IconSearch, IconSend, IconSkull } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { openPublishForm } from '../flow/publish-form.tsx';
import { useSiteStatus } from './connection/connection-store.ts';
import { useDemoTraffic } from './demo-traffic.tsx';
import { PAGES } from './pages.ts';

/** Open the palette. */
export function openPalette(): void {
  spotlight.open();
}

/** Mounted once by the shell. */
export function Palette({ openCheatSheet }: { openCheatSheet: () => void }): ReactElement {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const demo = useDemoTraffic();
  const running = useSiteStatus()?.demo.running === true;
  const wanted = query.trim();

  const found: SpotlightActionData[] =
    wanted === ''
      ? []
      : [
          {
            id: 'search-traces',
            label: `Find traces by “${wanted}”`,
            description: 'An id, a type, words of a payload, or filters such as error:timeout took:>2s',
            keywords: wanted,
            leftSection: <IconHierarchy2 size={16} />,
            onClick: () => void navigate({ to: '/traces', search: { q: wanted } }),
          },
          {
            id: 'search-documents',
            label: `Search documents for “${wanted}”`,
            keywords: wanted,
            leftSection: <IconSearch size={16} />,
            onClick: () => void navigate({ to: '/documents', search: { q: wanted } }),
          },
        ];
  const pages: SpotlightActionData[] = PAGES.map(({ to, name, icon: Icon, about, key }) => ({
    id: to,
    label: name,
    description: about,
    leftSection: <Icon size={16} />,
    rightSection: <kbd>g {key}</kbd>,
    onClick: () => void navigate({ to }),
  }));
  const actions: SpotlightActionData[] = [
    { id: 'publish', label: 'Publish an event', leftSection: <IconSend size={16} />, onClick: () => openPublishForm() },
    running
      ? { id: 'demo', label: 'Stop demo traffic', leftSection: <IconFlask size={16} />, onClick: demo.stop }
      : { id: 'demo', label: 'Start demo traffic', leftSection: <IconFlask size={16} />, onClick: demo.start },
    { id: 'failed', label: 'Traces with dead letters', leftSection: <IconSkull size={16} />, onClick: () => void navigate({ to: '/traces', search: { show: 'dead' } }) },
    { id: 'slowest', label: 'The slowest traces', leftSection: <IconHierarchy2 size={16} />, onClick: () => void navigate({ to: '/traces', search: { order: 'slowest' } }) },
    { id: 'keys', label: 'Show the keys', leftSection: <IconKeyboard size={16} />, rightSection: <kbd>?</kbd>, onClick: openCheatSheet },
  ];

  return (
    <Spotlight
      actions={[
        { group: 'Pages', actions: pages },
        { group: 'Actions', actions },
        { group: 'Search', actions: found },
      ]}
      query={query}
      onQueryChange={setQuery}
      shortcut={['mod + K']}
      nothingFound="Nothing fits"
      transitionProps={{ duration: 0 }}
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      scrollable
      attributes={{ content: { 'aria-label': 'Search or jump' } }}
      maxHeight={420}
      searchProps={{ placeholder: 'Page, action, or paste an id', leftSection: <IconSearch size={16} />, 'aria-label': 'Search or jump' }}
    />
  );
}
