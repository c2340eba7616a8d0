/** Between window and console: the setup before there is a site, and what to do when a site can't be started. */
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { lazy, type ReactElement, type ReactNode, Suspense, useState } from 'react';
import type { ShellState } from '../../shared/desktop-api.ts';
import { t } from '../../shared/i18n/translate.ts';
import { sayError } from '../kit/say-error.ts';
import { desktop, isDesktop, useDesktop } from './desktop-client.ts';

const SetupWizard = lazy(() => import('./setup-wizard.tsx').then((module) => ({ default: module.SetupWizard })));

/** Shows the console, unless there is nothing yet that it could show. */
export function DesktopGate({ children }: { children: ReactNode }): ReactNode {
  const state = useDesktop((store) => store.state);
  if (!isDesktop) return children;
  if (state === null) return null;
  if (state.phase === 'setup') {
    return (
      <Suspense fallback={null}>
        <SetupWizard />
      </Suspense>
    );
  }
  return state.phase === 'failed' ? <FailedStart state={state} /> : children;
}

function FailedStart({ state }: { state: ShellState }): ReactElement {
  return (
    <main className="access failed-start" aria-labelledby="failed-title">
      <h1 id="failed-title">
        <IconAlertTriangle size={18} className="tone-failed" />{' '}{t('This site can’t be started')}
      </h1>
      <p className="wrap failed-words">{state.message}</p>
      {state.dataFolder === null ? null : (
        <p className="quiet">
          {t('Data folder')} <span className="mono">{state.dataFolder}</span>
        </p>
      )}
      <div className="button-row">
        <Button onClick={() => void desktop().shell.retry()}>{t('Try again')}</Button>
        {state.canChangeSetup ? (
          <Button variant="default" onClick={() => void desktop().shell.changeSetup()}>
            {t('Change the setup')}
          </Button>
        ) : null}
        <DiagnosticsButton />
        <Button variant="default" onClick={() => void desktop().shell.quit()}>
          {t('Quit')}
        </Button>
      </div>
    </main>
  );
}

/** One zip for whoever helps. Says where it went. */
export function DiagnosticsButton(): ReactElement {
  const [outcome, setOutcome] = useState<{ tone: string; words: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const copy = async (): Promise<void> => {
    setBusy(true);
    try {
      const { file } = await desktop().shell.copyDiagnostics();
      setOutcome(file === null ? null : { tone: 'tone-ok', words: t('Written to {file}; the path is on the clipboard.', { file }) });
    } catch (error) {
      setOutcome({ tone: 'tone-failed', words: sayError(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button variant="default" loading={busy} onClick={() => void copy()}>
        {t('Copy diagnostics…')}
      </Button>
      {outcome === null ? null : <output className={`diagnostics-outcome ${outcome.tone}`}>{outcome.words}</output>}
    </>
  );
}
