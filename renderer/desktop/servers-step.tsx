/** Addresses and credentials, each with a test that says what is wrong. */
import { Button, Switch, Textarea, TextInput, PasswordInput } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconLockOpen } from '@tabler/icons-react';
import { type ReactElement, useState } from 'react';
import type { SecretKeeping, SetupVerdict } from '../../shared/desktop-api.ts';
import { say, t, verbatim, words } from '../../shared/i18n/translate.ts';
import { sayError } from '../kit/say-error.ts';
import { desktop } from './desktop-client.ts';
import type { StepProps } from './setup-wizard.tsx';
import { VerdictNotice } from './verdict-notice.tsx';

const NAMES = { nats: 'NATS', postgres: 'PostgreSQL' } as const;
const EXAMPLES = { nats: 'nats://nats.example.org:4222', postgres: 'postgres://spine@db.example.org:5432/spine' } as const;

export function ServersStep({ plan, change, verdicts, judged, keeping }: StepProps & { keeping: SecretKeeping }): ReactElement {
  const { nats, database } = plan;
  return (
    <>
      <h1>{t('Where are the servers?')}</h1>
      <section className="setup-server" aria-label={NAMES.nats}>
        <div className="setup-server-head">
          <h2>{t('NATS with JetStream')}</h2>
          <Switch label={t('Outside')} labelPosition="left" aria-label={t('NATS is outside')} checked={nats.kind === 'outside'} onChange={(event) => change({ nats: event.currentTarget.checked ? { kind: 'outside', url: '', credentials: '' } : { kind: 'embedded' } })} />
        </div>
        {nats.kind === 'embedded' ? (
          <p className="quiet">{t('The app brings its own along.')}</p>
        ) : (
          <>
            <TextInput label={t('Address')} required placeholder={EXAMPLES.nats} value={nats.url} classNames={{ input: 'mono' }} onChange={(event) => change({ nats: { ...nats, url: event.currentTarget.value } })} />
            <Textarea label={t('Credentials')} description={t('An nkey seed, the text of a .creds file, or the password of the user in the address. Empty if none are needed.')} autosize minRows={2} maxRows={6} value={nats.credentials} classNames={{ input: 'mono secret-text' }} spellCheck={false} onChange={(event) => change({ nats: { ...nats, credentials: event.currentTarget.value } })} />
            <TestButton name={t('Test NATS')} run={() => desktop().setup.testNats(nats)} onVerdict={(verdict) => judged({ nats: verdict })} />
            <VerdictNotice verdict={verdicts.nats} />
          </>
        )}
      </section>
      <section className="setup-server" aria-label={NAMES.postgres}>
        <div className="setup-server-head">
          <h2>{NAMES.postgres}</h2>
          <Switch label={t('Outside')} labelPosition="left" aria-label={t('PostgreSQL is outside')} checked={database.kind === 'outside'} onChange={(event) => change({ database: event.currentTarget.checked ? { kind: 'outside', url: '', password: '' } : { kind: 'embedded' } })} />
        </div>
        {database.kind === 'embedded' ? (
          <p className="quiet">{t('The app brings its own along.')}</p>
        ) : (
          <>
            <TextInput label={t('Address')} required placeholder={EXAMPLES.postgres} value={database.url} classNames={{ input: 'mono' }} onChange={(event) => change({ database: { ...database, url: event.currentTarget.value } })} />
            <PasswordInput size="xs" visibilityToggleButtonProps={{ 'aria-label': t('Show what is typed') }} label={t('Password')} description={t('Empty if none is needed.')} value={database.password} onChange={(event) => change({ database: { ...database, password: event.currentTarget.value } })} />
            <TestButton name={t('Test PostgreSQL')} run={() => desktop().setup.testDatabase(database)} onVerdict={(verdict) => judged({ database: verdict })} />
            <VerdictNotice verdict={verdicts.database} />
          </>
        )}
      </section>
      <KeepingNote keeping={keeping} />
    </>
  );
}

function TestButton({ name, run, onVerdict }: { name: string; run: () => Promise<SetupVerdict>; onVerdict: (verdict: SetupVerdict) => void }): ReactElement {
  const [busy, setBusy] = useState(false);
  const test = async (): Promise<void> => {
    setBusy(true);
    try {
      onVerdict(await run());
    } catch (error) {
      onVerdict({ ok: false, title: words('The test itself failed'), detail: verbatim(sayError(error)), remedies: [words('Try again.')] });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button variant="default" loading={busy} onClick={() => void test()} className="setup-test">
      {name}
    </Button>
  );
}

function KeepingNote({ keeping }: { keeping: SecretKeeping }): ReactElement {
  const isSafe = keeping.how === 'keyring';
  const Icon = isSafe ? IconLock : keeping.how === 'obfuscated' ? IconLockOpen : IconAlertTriangle;
  return (
    <div className={isSafe ? 'setup-keeping quiet' : 'notice notice-warn'}>
      <Icon size={16} />
      <div>{say(keeping.words)}</div>
    </div>
  );
}
