/** One way out: where it leads, where its secrets come from, and a real test message. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { message, say, t } from '../../shared/i18n/translate.ts';
import type { ChannelKind, ChannelRow, ChannelTest } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { formatDuration } from '../kit/format.ts';
import { JobType } from '../kit/ids.tsx';
import { ErrorNotice } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { ChannelSign, kindWords } from './channels-view.tsx';

/** What a test does, to whom, and what its button says. */
const TESTS: Readonly<Record<ChannelKind, { readonly to: string; readonly text: string; readonly usual: string; readonly does: string; readonly verb: string }>> = {
  webhook: { to: message('Recipient, as the other side knows it'), text: message('Text'), usual: message('This is a test of Spine Console.'), does: message('Posts one real message to the webhook. Whoever is behind it gets it.'), verb: message('Send 1 message') },
  smtp: { to: message('Mail address'), text: message('Text'), usual: message('This is a test of Spine Console.'), does: message('Sends one real mail to this address.'), verb: message('Send 1 mail') },
  telephony: { to: message('Telephone number'), text: message('Announcement'), usual: message('This is a test of Spine Console.'), does: message('Asks the gateway to place one real call: the telephone rings.'), verb: message('Place 1 call') },
  fax: { to: message('Fax number'), text: message('Text'), usual: message('This is a test of Spine Console.'), does: message('Asks the gateway to send one real fax: paper comes out.'), verb: message('Send 1 fax') },
  llm: { to: '', text: message('Question'), usual: message('Answer with one word: ready.'), does: message('Asks the model once. It may cost money, or a minute of its machine.'), verb: message('Ask 1 question') },
};

/** Panel beside the list. */
export function ChannelPanel({ channel, onClose }: { channel: ChannelRow; onClose(): void }): ReactElement {
  const usable = channel.configured && channel.missing === null;
  return (
    <SidePanel label={t('Channel')} title={<span className="mono">{channel.setting}</span>} onClose={onClose}>
      {channel.missing === null ? null : channel.configured ? <ErrorNotice what={t('It can’t be used')} error={new Error(say(channel.missing))} /> : <p className="quiet panel-lead">{say(channel.missing)}</p>}
      <Section title={t('Channel')}>
        <Facts
          facts={[
            [t('State'), <ChannelSign key="state" channel={channel} />],
            [t('Kind'), kindWords(channel.kind)],
            ...(channel.target === null ? [] : [[t('Leads to'), <span key="target" className="mono wrap">{channel.target}</span>] as const]),
            [t('Used by'), <Link key="job" to="/catalogue" search={{ tab: 'jobs', type: channel.jobType }}><JobType type={channel.jobType} /></Link>],
            ...channel.secrets.map(({ setting, from, present }) => [setting, <span key={setting}>{present ? t('from {from}', { from }) : t('{from} is not there', { from })}</span>] as const),
          ]}
        />
        {channel.secrets.length > 0 ? <p className="quiet">{t('Secrets themselves are never shown.')}</p> : null}
      </Section>
      {usable ? <TestForm channel={channel} /> : null}
    </SidePanel>
  );
}

function TestForm({ channel }: { channel: ChannelRow }): ReactElement {
  const words = TESTS[channel.kind];
  const [to, setTo] = useState('');
  const [text, setText] = useState(() => t(words.usual));
  const test = useMutation(api.channels.test.mutationOptions());
  return (
    <form
      className="action-panel"
      aria-label={t('Test')}
      onSubmit={(event) => {
        event.preventDefault();
        test.mutate({ setting: channel.setting, to: to.trim(), text: text.trim() });
      }}
    >
      <strong>{t('Test')}</strong>
      <p className="consequence">{t(words.does)}</p>
      <p className="quiet">{t('It is tried once, without retries, and is in the audit.')}</p>
      {words.to === '' ? null : <TextInput label={t(words.to)} required value={to} onChange={(event) => setTo(event.currentTarget.value)} />}
      <Textarea label={t(words.text)} required value={text} onChange={(event) => setText(event.currentTarget.value)} maxLength={2_000} autosize minRows={2} />
      <div className="button-row">
        <Button type="submit" leftSection={<IconSend size={14} />} loading={test.isPending} disabled={text.trim() === '' || (words.to !== '' && to.trim() === '')}>{t(words.verb)}</Button>
      </div>
      {test.error ? <ErrorNotice what={t('Nothing was sent')} error={test.error} /> : null}
      {test.data ? <Result result={test.data} /> : null}
    </form>
  );
}

function Result({ result: { ok, tookMs, answer, problem } }: { result: ChannelTest }): ReactElement {
  return (
    <div className={ok ? 'notice connections-ok' : 'notice notice-error'} role="status">
      {ok ? <IconCircleCheck size={16} /> : <IconAlertTriangle size={16} />}
      <div>
        <strong>{ok ? t('The other side took it, after {time}', { time: formatDuration(tookMs) }) : t('It was not taken, after {time}', { time: formatDuration(tookMs) })}</strong>
        {answer === null ? null : <p>{t('It answered: {answer}', { answer })}</p>}
        {problem === null ? null : <p>{problem}</p>}
      </div>
    </div>
  );
}
