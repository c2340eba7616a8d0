/** Shown when the host refuses us: there is no session in this browser. */
import { Button, PasswordInput } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { Trans } from '../i18n/trans.tsx';
import { transport } from './connection/client.ts';

/** Explains the launch link and takes a pasted token. */
export function AccessPage(): ReactElement {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const answer = await fetch('/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: token.trim() }),
      });
      if (answer.status === 429) {
        const seconds = answer.headers.get('retry-after');
        setProblem(seconds === null ? t('Too many wrong tokens came from here. Try again later.') : t('Too many wrong tokens came from here. Try again in {seconds} s.', { seconds }));
      } else if (answer.ok) {
        transport.reconnect();
      } else {
        setProblem(t('The services did not accept it. The token of the launch (run/token in the data folder) is new at each start, and an access token may have been revoked; a link works once, so open it instead of pasting it.'));
      }
    } catch {
      setProblem(t('The services can’t be reached. Are they running?'));
    } finally {
      setBusy(false);
    }
  };

  return (
    <section className="access" aria-labelledby="access-title">
      <h1 id="access-title">{t('This console needs the launch link')}</h1>
      <p>
        <Trans message="Run <code>npm run console-url</code> in the project’s folder and open the link it prints. The link signs this browser in until the services are started again." parts={{ code: <code /> }} />
      </p>
      <form onSubmit={(event) => void submit(event)}>
        <PasswordInput size="xs" visibilityToggleButtonProps={{ 'aria-label': t('Show what is typed') }} label={t('Or paste the token: your access token, or the one of run/token in the data folder')} value={token} onChange={(event) => setToken(event.currentTarget.value)} error={problem} />
        <Button type="submit" disabled={token.trim() === ''} loading={busy}>
          {t('Open the console')}
        </Button>
      </form>
    </section>
  );
}
