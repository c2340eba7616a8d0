/** Which events, and how: asks for a dry run first, always. */
import { Autocomplete, Button, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { ReplayMode } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { tellError } from '../kit/toasts.tsx';
import { filterFrom, type FilterFields, NO_FILTER, toLocalField } from './replay-words.ts';
import '../schedules/schedules.css';

const HOUR = 3_600_000;

function midnight(daysAgo: number): number {
  const date = new Date();
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - daysAgo).getTime();
}

const PRESETS: readonly (readonly [name: string, range: () => Pick<FilterFields, 'from' | 'to'>])[] = [
  [message('Last hour'), () => ({ from: toLocalField(Date.now() - HOUR), to: '' })],
  [message('Today'), () => ({ from: toLocalField(midnight(0)), to: '' })],
  [message('Yesterday'), () => ({ from: toLocalField(midnight(1)), to: toLocalField(midnight(0) - 60_000) })],
];

/** The form above the list. */
export function ReplayForm({ seq, onStarted }: { /** The one event that is asked for. */ seq?: number | undefined; onStarted(replayId: string): void }): ReactElement {
  const [fields, setFields] = useState<FilterFields>(seq === undefined ? NO_FILTER : { ...NO_FILTER, fromSeq: String(seq), toSeq: String(seq) });
  const [mode, setMode] = useState<ReplayMode>('missing');
  const [errors, setErrors] = useState<Partial<Record<keyof FilterFields, string>>>({});
  const names = useQuery(api.flow.sources.queryOptions({ staleTime: 30_000 }));
  const change = (part: Partial<FilterFields>): void => setFields((before) => ({ ...before, ...part }));
  const dryRun = useMutation(
    api.replays.dryRun.mutationOptions({
      onSuccess: ({ replayId }) => {
        void queryClient.invalidateQueries({ queryKey: api.replays.key() });
        onStarted(replayId);
      },
      onError: (error) => tellError(t('The dry run did not start'), error),
    }),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = filterFrom(fields);
    setErrors(read.errors);
    if (Object.keys(read.errors).length === 0) dryRun.mutate({ filter: read.filter, mode, unsafeConfirmed: false });
  };
  return (
    <form className="toolbar replay-form" aria-label={t('Which events')} onSubmit={submit}>
      <div className="replay-fields">
        <TextInput label={t('Stored from')} type="datetime-local" value={fields.from} error={errors.from} onChange={(event) => change({ from: event.currentTarget.value })} />
        <TextInput label={t('Stored until')} type="datetime-local" value={fields.to} error={errors.to} onChange={(event) => change({ to: event.currentTarget.value })} />
        <Autocomplete label={t('Event type')} placeholder={t('any; rule.* for a domain')} value={fields.type} onChange={(type) => change({ type })} data={names.data?.types ?? []} limit={50} classNames={{ input: 'mono' }} />
        <Autocomplete label={t('Source')} placeholder={t('any')} value={fields.source} onChange={(source) => change({ source })} data={names.data?.sources ?? []} limit={50} classNames={{ input: 'mono' }} />
        <TextInput label={t('Correlation')} placeholder={t('any')} value={fields.correlationId} onChange={(event) => change({ correlationId: event.currentTarget.value })} classNames={{ input: 'mono' }} />
        <TextInput label={t('From sequence')} placeholder={t('the first')} inputMode="numeric" value={fields.fromSeq} error={errors.fromSeq} onChange={(event) => change({ fromSeq: event.currentTarget.value })} />
        <TextInput label={t('To sequence')} placeholder={t('the last')} inputMode="numeric" value={fields.toSeq} error={errors.toSeq} onChange={(event) => change({ toSeq: event.currentTarget.value })} />
      </div>
      <div className="replay-actions">
        {PRESETS.map(([name, range]) => (
          <button key={name} type="button" className="chip" onClick={() => change(range())}>
            {t(name)}
          </button>
        ))}
        <SegmentedControl
          aria-label={t('Mode')}
          value={mode}
          onChange={(next) => setMode(next === 'force' ? 'force' : 'missing')}
          data={[{ value: 'missing', label: t('Route again what is missing') }, { value: 'force', label: t('Force: run done jobs again') }]}
        />
        <span className="head-gap" />
        <span className="quiet">{t('A dry run reads and counts, and changes nothing.')}</span>
        <Button type="submit" loading={dryRun.isPending}>
          {t('Dry run')}
        </Button>
      </div>
    </form>
  );
}
