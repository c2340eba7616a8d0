/** Which events, and how: asks for a dry run first, always. */
import { Autocomplete, Button, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
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
  ['Last hour', () => ({ from: toLocalField(Date.now() - HOUR), to: '' })],
  ['Today', () => ({ from: toLocalField(midnight(0)), to: '' })],
  ['Yesterday', () => ({ from: toLocalField(midnight(1)), to: toLocalField(midnight(0) - 60_000) })],
];

/** The form above the list. */
export function ReplayForm({ onStarted }: { onStarted(replayId: string): void }): ReactElement {
  const [fields, setFields] = useState<FilterFields>(NO_FILTER);
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
      onError: (error) => tellError('The dry run did not start', error),
    }),
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = filterFrom(fields);
    setErrors(read.errors);
    if (Object.keys(read.errors).length === 0) dryRun.mutate({ filter: read.filter, mode, unsafeConfirmed: false });
  };
  return (
    <form className="toolbar replay-form" aria-label="Which events" onSubmit={submit}>
      <div className="replay-fields">
        <TextInput label="Stored from" type="datetime-local" value={fields.from} error={errors.from} onChange={(event) => change({ from: event.currentTarget.value })} />
        <TextInput label="Stored until" type="datetime-local" value={fields.to} error={errors.to} onChange={(event) => change({ to: event.currentTarget.value })} />
        <Autocomplete label="Event type" placeholder="any; rule.* for a domain" value={fields.type} onChange={(type) => change({ type })} data={names.data?.types ?? []} limit={50} classNames={{ input: 'mono' }} />
        <Autocomplete label="Source" placeholder="any" value={fields.source} onChange={(source) => change({ source })} data={names.data?.sources ?? []} limit={50} classNames={{ input: 'mono' }} />
        <TextInput label="Correlation" placeholder="any" value={fields.correlationId} onChange={(event) => change({ correlationId: event.currentTarget.value })} classNames={{ input: 'mono' }} />
        <TextInput label="From sequence" placeholder="the first" inputMode="numeric" value={fields.fromSeq} error={errors.fromSeq} onChange={(event) => change({ fromSeq: event.currentTarget.value })} />
        <TextInput label="To sequence" placeholder="the last" inputMode="numeric" value={fields.toSeq} error={errors.toSeq} onChange={(event) => change({ toSeq: event.currentTarget.value })} />
      </div>
      <div className="replay-actions">
        {PRESETS.map(([name, range]) => (
          <button key={name} type="button" className="chip" onClick={() => change(range())}>
            {name}
          </button>
        ))}
        <SegmentedControl
          aria-label="Mode"
          value={mode}
          onChange={(next) => setMode(next === 'force' ? 'force' : 'missing')}
          data={[{ value: 'missing', label: 'Route again what is missing' }, { value: 'force', label: 'Force: run done jobs again' }]}
        />
        <span className="head-gap" />
        <span className="quiet">A dry run reads and counts, and changes nothing.</span>
        <Button type="submit" loading={dryRun.isPending}>
          Dry run
        </Button>
      </div>
    </form>
  );
}
