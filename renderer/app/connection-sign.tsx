/** Is what we see still true? In the header, and as a banner when it is not. */
import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { useDesktop } from '../desktop/desktop-client.ts';
import { useFastNow, useNow } from '../kit/clock.ts';
import { formatAge, formatSeconds } from '../kit/format.ts';
import { transport } from './connection/client.ts';
import { phaseOf, useConnection } from './connection/connection-store.ts';

/** "● live · 0.4 s", "last update 12 s ago", "reconnecting…". */
export function ConnectionSign(): ReactElement {
  const state = useConnection();
  const now = useFastNow();
  const phase = phaseOf(state, now);
  const age = state.lastUpdate === null ? 0 : Math.max(0, now - state.lastUpdate);
  switch (phase) {
    case 'live':
      return (
        <span className="connection tone-ok" title={t('Measured and shown within this time')}>
          <span className="dot" /> {t('live · {seconds} s', { seconds: formatSeconds(age) })}
        </span>
      );
    case 'stale':
      return (
        <output className="connection tone-retrying">
          <span className="dot dot-hollow" /> {t('last update {age} ago', { age: formatAge(age) })}
        </output>
      );
    case 'lost':
      return (
        <output className="connection tone-failed">
          <span className="dot dot-hollow" />{' '}{t('reconnecting…')}
        </output>
      );
    case 'refused':
      return (
        <output className="connection tone-failed">
          <span className="dot dot-hollow" />{' '}{t('no session')}
        </output>
      );
    case 'connecting':
      return (
        <span className="connection tone-waiting">
          <span className="dot dot-hollow" />{' '}{t('connecting…')}
        </span>
      );
  }
}

/** Above the page while the connection is gone. */
export function LossBanner(): ReactElement | null {
  const state = useConnection();
  const now = useNow();
  // The desktop app knows why, and says so in a notice of its own.
  const isExplained = useDesktop(({ state: shell }) => shell !== null && shell.phase !== 'running');
  const lost = !state.open && now - state.since > 2_000;
  if (!lost || isExplained) return null;
  return (
    <div className="banner banner-warn" role="alert">
      <IconPlugConnectedX size={16} />
      <span>
        {state.lastUpdate === null
          ? t('The console can’t reach the services. Are they running? It keeps trying.')
          : t('The console lost the services {age} ago. What you see is from then; it keeps trying to reconnect.', { age: formatAge(now - state.since) })}
      </span>
      <Button variant="default" onClick={() => transport.reconnect()}>
        {t('Try now')}
      </Button>
    </div>
  );
}
