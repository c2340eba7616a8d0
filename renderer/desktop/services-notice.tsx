/** Above the page while the desktop app’s services are not what they should be. */
import { Button } from '@mantine/core';
import { IconHourglass, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { ShellState } from '../../shared/desktop-api.ts';
import { t } from '../../shared/i18n/translate.ts';
import { useFastNow } from '../kit/clock.ts';
import { desktop, useDesktop } from './desktop-client.ts';

/** A start is mentioned only when it takes longer than this, ms. */
const QUICK_START_MS = 1_500;

/** Null when there is nothing to say, and in a browser. */
export function ServicesNotice(): ReactElement | null {
  const state = useDesktop((store) => store.state);
  const now = useFastNow();
  if (state === null) return null;
  switch (state.phase) {
    case 'starting':
      return now - state.sinceMs < QUICK_START_MS ? null : (
        <output className="banner">
          <IconRefresh size={16} />
          <span>{t('The services are starting. The first start makes the database and takes some seconds.')}</span>
        </output>
      );
    case 'restarting':
      return (
        <div className="banner banner-warn" role="alert">
          <IconPlugConnectedX size={16} />
          <span>
            <strong>{state.failures > 1 ? t('The services could not be started {n, number} times in a row.', { n: state.failures }) : t('The services died.')}</strong> {whenAgain(state, now)}{' '}
            {t('What you see is from before; nothing that was acknowledged is lost.')}
            <details className="fold">
              <summary>{t('Why')}</summary>
              <span className="wrap">{state.message}</span>
            </details>
          </span>
          {state.canChangeSetup && state.failures > 2 ? (
            <Button variant="default" onClick={() => void desktop().shell.changeSetup()}>
              {t('Change the setup')}
            </Button>
          ) : null}
        </div>
      );
    case 'draining':
      return (
        <output className="banner banner-warn">
          <IconHourglass size={16} />
          <span>{state.message}</span>
          <Button variant="default" onClick={() => void desktop().shell.quit()}>
            {t('Quit now')}
          </Button>
        </output>
      );
    default:
      return null;
  }
}

function whenAgain({ nextTryMs }: ShellState, now: number): string {
  const seconds = nextTryMs === null ? 0 : Math.ceil((nextTryMs - now) / 1_000);
  return seconds > 0 ? t('They are started again in {seconds} s.', { seconds }) : t('They are being started again.');
}
