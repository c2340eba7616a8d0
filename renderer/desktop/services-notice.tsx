/** Above the page while the desktop app’s services are not what they should be. */
import { Button } from '@mantine/core';
import { IconHourglass, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { ShellState } from '../../shared/desktop-api.ts';
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
          <span>The services are starting. The first start makes the database and takes some seconds.</span>
        </output>
      );
    case 'restarting':
      return (
        <div className="banner banner-warn" role="alert">
          <IconPlugConnectedX size={16} />
          <span>
            <strong>{state.failures > 1 ? `The services could not be started ${state.failures} times in a row.` : 'The services died.'}</strong> {whenAgain(state, now)} What you see is from
            before; nothing that was acknowledged is lost.
            <details className="fold">
              <summary>Why</summary>
              <span className="wrap">{state.message}</span>
            </details>
          </span>
          {state.canChangeSetup && state.failures > 2 ? (
            <Button variant="default" onClick={() => void desktop().shell.changeSetup()}>
              Change the setup
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
            Quit now
          </Button>
        </output>
      );
    default:
      return null;
  }
}

function whenAgain({ nextTryMs }: ShellState, now: number): string {
  const seconds = nextTryMs === null ? 0 : Math.ceil((nextTryMs - now) / 1_000);
  return seconds > 0 ? `They are started again in ${seconds} s.` : 'They are being started again.';
}
