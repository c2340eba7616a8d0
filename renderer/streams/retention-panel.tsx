/** How long a stream keeps: what holds, where it comes from, and another retention with what it would take away. */
import { Button, NumberInput, Select, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconLock } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import type { BusStream, Retention } from '../../shared/operator-api/index.ts';
import { say, t } from '../../shared/i18n/translate.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { formatDuration } from '../kit/format.ts';
import { ErrorNotice } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { AGE_UNITS, type AgeUnit, consequenceWords, joinBy, originWords, retentionWords, SIZE_UNITS, type SizeUnit, splitBy } from './retention-words.ts';

/** Panel beside the list. */
export function RetentionPanel({ stream, onClose }: { stream: BusStream; onClose(): void }): ReactElement {
  const { locked, override, origins, configured, retention } = stream;
  return (
    <SidePanel label={t('Retention')} title={<span className="mono">{stream.name}</span>} onClose={onClose}>
      <Section title={t('What holds')}>
        <Facts
          facts={[
            [t('Keeps'), retentionWords(retention)],
            [t('Age comes from'), originWords(origins.maxAge)],
            [t('Size comes from'), originWords(origins.maxBytes)],
            ...(override ? [[t('Set by'), <span key="by">{override.operator}, <Ago at={override.setMs} />: {override.reason}</span>] as const, [t('Without it'), retentionWords(configured)] as const] : []),
            ...(stream.duplicateWindowMs === null ? [] : [[t('Ids remembered'), t('{time} (duplicate_window)', { time: formatDuration(stream.duplicateWindowMs) })] as const]),
          ]}
        />
      </Section>
      {locked ? (
        <div className="notice notice-warn">
          <IconLock size={16} />
          <div>
            <strong>{t('Locked')}</strong>
            <p>{say(locked)}</p>
          </div>
        </div>
      ) : (
        <Form key={`${retention.maxAgeMs} ${retention.maxBytes}`} stream={stream} onClose={onClose} />
      )}
    </SidePanel>
  );
}

function Form({ stream, onClose }: { stream: BusStream; onClose(): void }): ReactElement {
  const before = stream.retention;
  const [age, setAge] = useState(() => splitBy<AgeUnit>(before.maxAgeMs, AGE_UNITS, 'd'));
  const [size, setSize] = useState(() => splitBy<SizeUnit>(before.maxBytes, SIZE_UNITS, 'GiB'));
  const [reason, setReason] = useState('');
  const maxAgeMs = joinBy(age, AGE_UNITS);
  const maxBytes = joinBy(size, SIZE_UNITS);
  const after: Retention | null = maxAgeMs === undefined || maxBytes === undefined ? null : { maxAgeMs, maxBytes };
  const [asked] = useDebouncedValue(after, 150);
  const changed = asked !== null && !same(asked, before);
  const preview = useQuery(api.busStreams.previewRetention.queryOptions({ input: { stream: stream.name, retention: asked ?? before }, enabled: changed, refetchInterval: 5_000 }));
  // The answer to what was typed before must not stand beside what is typed now.
  const shown = changed && preview.data && after && same(preview.data.after, after) ? preview.data : undefined;
  const { data: me } = useQuery(api.access.whoAmI.queryOptions({ staleTime: 60_000 }));
  const forbidden = me !== undefined && me.role !== 'admin';
  const change = useMutation(
    api.busStreams.changeRetention.mutationOptions({
      onSuccess: () => {
        tellDone(t('{stream} keeps {retention} now', { stream: stream.name, retention: after ? retentionWords(after) : '' }), t('It is in the audit, and holds after a restart, too.'));
        void queryClient.invalidateQueries({ queryKey: api.busStreams.key() });
      },
      onError: (error) => tellError(t('The retention was not changed'), error),
    }),
  );
  const fill = ({ maxAgeMs: ms, maxBytes: bytes }: Retention): void => {
    setAge(splitBy<AgeUnit>(ms, AGE_UNITS, 'd'));
    setSize(splitBy<SizeUnit>(bytes, SIZE_UNITS, 'GiB'));
  };
  return (
    <form
      className="action-panel"
      aria-label={t('Another retention')}
      onSubmit={(event) => {
        event.preventDefault();
        if (shown && shown.problem === null) change.mutate({ stream: stream.name, retention: shown.after, before, reason: reason.trim() }, { onSuccess: onClose });
      }}
    >
      <strong>{t('Another retention')}</strong>
      <div className="streams-limit">
        <NumberInput label={t('Longest age')} description={t('Empty: without a limit')} min={0} value={age.amount} onChange={(next) => setAge({ ...age, amount: String(next) })} error={maxAgeMs === undefined ? t('A number above 0') : null} />
        <Select aria-label={t('Unit of the age')} data={UNIT_NAMES()} value={age.unit} allowDeselect={false} onChange={(unit) => setAge({ ...age, unit: unit === 'min' || unit === 'h' ? unit : 'd' })} />
      </div>
      <div className="streams-limit">
        <NumberInput label={t('Largest size')} description={t('Empty: without a limit')} min={0} value={size.amount} onChange={(next) => setSize({ ...size, amount: String(next) })} error={maxBytes === undefined ? t('A number above 0') : null} />
        <Select aria-label={t('Unit of the size')} data={['MiB', 'GiB']} value={size.unit} allowDeselect={false} onChange={(unit) => setSize({ ...size, unit: unit === 'MiB' ? 'MiB' : 'GiB' })} />
      </div>
      {stream.override ? <button type="button" className="link-button" onClick={() => fill(stream.configured)}>{t('As configured: {retention}', { retention: retentionWords(stream.configured) })}</button> : null}
      {preview.error && changed ? <ErrorNotice what={t('What it would take away could not be counted')} error={preview.error} retry={() => void preview.refetch()} /> : null}
      {shown ? (
        <>
          <p className="streams-diff">
            <del>{retentionWords(shown.before)}</del> → <ins>{retentionWords(shown.after)}</ins>
          </p>
          {shown.problem === null ? <p className="consequence">{consequenceWords(shown)}{stream.copyOf === null && shown.goes.messages > 0 ? ` ${t('The audit log keeps its copy; the console’s view forgets them as well.')}` : ''}</p> : <div className="notice notice-error" role="alert"><p>{say(shown.problem)}</p></div>}
        </>
      ) : <p className="quiet">{after !== null && same(after, before) ? t('Change a limit to see what it would take away.') : t('Counting…')}</p>}
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
      {forbidden ? <p className="quiet">{t('Changing it needs the role admin; yours is {role}.', { role: me.role })}</p> : null}
      <div className="button-row">
        <Button type="submit" {...(shown && shown.goes.messages > 0 ? { color: 'red.8' } : {})} loading={change.isPending} disabled={forbidden || !shown || shown.problem !== null || reason.trim() === ''}>
          {!shown || shown.goes.messages === 0 ? t('Change retention') : shown.goes.exact ? t('Change retention, let {n, plural, one {# message} other {# messages}} go', { n: shown.goes.messages }) : t('Change retention, let about {n, plural, one {# message} other {# messages}} go', { n: shown.goes.messages })}
        </Button>
        <Button variant="default" onClick={onClose}>{t('Cancel')}</Button>
      </div>
    </form>
  );
}

const UNIT_NAMES = (): { value: AgeUnit; label: string }[] => [{ value: 'd', label: t('days') }, { value: 'h', label: t('hours') }, { value: 'min', label: t('minutes') }];

function same(a: Retention, b: Retention): boolean {
  return a.maxAgeMs === b.maxAgeMs && a.maxBytes === b.maxBytes;
}
