/** Make or change a schedule: what it means is shown while it is typed. */
import { Alert, Autocomplete, Button, JsonInput, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import { message, sayText, t } from '../../shared/i18n/translate.ts';
import type { ScheduleRow } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { Field } from '../flow/payload-field.tsx';
import { issuesOf } from '../flow/publish-form.tsx';
import { errorsByField, fieldsOf, type FieldValues, parsePayload, payloadFrom, valuesFrom } from '../flow/payload-fields.ts';
import { useNow } from '../kit/clock.ts';
import { cronWords } from '../kit/cron-words.ts';
import { sayError } from '../kit/say-error.ts';
import { tellDone } from '../kit/toasts.tsx';
import { SlotList } from './slot-list.tsx';

const OVERLAPS = [{ value: 'skip', label: message('Leave the slot out') }, { value: 'queue', label: message('Wait, then fire') }];
const MISSES = [{ value: 'once', label: message('Fire once for all of them') }, { value: 'skip', label: message('Leave them out') }];
const said = (choices: readonly { value: string; label: string }[]): { value: string; label: string }[] => choices.map(({ value, label }) => ({ value, label: t(label) }));
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A dialog; `schedule` is the one to change, null makes a new one. */
export function ScheduleForm({ schedule, close, saved }: { schedule: ScheduleRow | null; close(): void; saved(id: string): void }): ReactElement {
  return (
    <Modal opened onClose={close} title={schedule ? t('Change {schedule}', { schedule: schedule.id }) : t('New schedule')} size="lg" closeButtonProps={{ 'aria-label': t('Close') }}>
      <Fields schedule={schedule} close={close} saved={saved} />
    </Modal>
  );
}

interface Input {
  readonly jobType: string;
  readonly values: FieldValues;
  readonly json: string;
}

function Fields({ schedule, close, saved }: { schedule: ScheduleRow | null; close(): void; saved(id: string): void }): ReactElement {
  const jobs = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 30_000 }));
  const [id, setId] = useState(schedule?.id ?? '');
  const [jobType, setJobType] = useState(schedule?.jobType ?? 'SyncConnectorDataJob');
  const [cron, setCron] = useState(schedule?.cron ?? '30 2 * * *');
  const [timeZone, setTimeZone] = useState(schedule?.timeZone ?? (HERE || 'UTC'));
  const [overlap, setOverlap] = useState(schedule?.overlap ?? 'skip');
  const [missed, setMissed] = useState(schedule?.missed ?? 'once');
  const [reason, setReason] = useState('');
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const preview = useQuery(api.schedules.preview.queryOptions({ input: { cron, timeZone }, staleTime: 0 }));
  const now = useNow();

  const job = jobs.data?.find(({ type }) => type === jobType);
  const starting = useMemo(() => (jobType === schedule?.jobType ? schedule.input : {}), [jobType, schedule]);
  const fields = useMemo(() => (job ? fieldsOf(job.schema, starting) : []), [job, starting]);
  const [edited, setEdited] = useState<Input | null>(null);
  // Another job type begins anew.
  const input: Input = edited?.jobType === jobType ? edited : { jobType, values: valuesFrom(fields, starting), json: JSON.stringify(starting, null, 2) };

  const options = {
    onSuccess: ({ id: name }: { id: string }) => {
      tellDone(schedule ? t('{schedule} is changed', { schedule: name }) : t('{schedule} is made', { schedule: name }), t('Its next times stand on this page.'));
      void queryClient.invalidateQueries({ queryKey: api.schedules.key() });
      saved(name);
    },
    onError: (error: unknown) => {
      const words = issuesOf(error) ?? sayError(error);
      const sorted = errorsByField(words.replace(/^input: /, ''), fields.map(({ name }) => name));
      const named = /^(cron|id): (.*)$/.exec(words);
      setErrors(named ? { [named[1] ?? '']: named[2] ?? '' } : sorted.byField);
      setProblem(named ? null : sorted.rest);
    },
  };
  const create = useMutation(api.schedules.create.mutationOptions(options));
  const change = useMutation(api.schedules.change.mutationOptions(options));

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setProblem(null);
    let payload: Record<string, unknown>;
    if (fields.length > 0) {
      const built = payloadFrom(fields, input.values);
      setErrors(built.errors);
      if (Object.keys(built.errors).length > 0) return;
      payload = built.payload;
    } else {
      const parsed = parsePayload(input.json);
      if ('problem' in parsed) return setProblem(parsed.problem);
      payload = parsed.payload;
    }
    (schedule ? change : create).mutate({ id: id.trim(), cron: cron.trim(), timeZone, jobType, input: payload, overlap, missed, reason: reason.trim() });
  };

  return (
    <form className="publish" onSubmit={submit}>
      {schedule ? null : (
        <TextInput label={t('Name')} description={t('Lower-case letters, digits and dashes')} required data-autofocus value={id} onChange={(event) => setId(event.currentTarget.value)} error={errors.id} classNames={{ input: 'mono' }} />
      )}
      <div className="publish-two">
        <TextInput label={t('Cron')} description={t('Five fields, or six with seconds first')} required value={cron} onChange={(event) => setCron(event.currentTarget.value)} error={errors.cron ?? preview.data?.problem?.replace(/^cron: /, '')} classNames={{ input: 'mono' }} />
        <Autocomplete label={t('Time zone')} description={t('Summer time is taken care of')} required value={timeZone} onChange={setTimeZone} data={ZONES} limit={50} maxDropdownHeight={220} />
      </div>
      {preview.data && preview.data.problem === null ? (
        <section className="slot-preview" aria-label={t('What it means')}>
          <strong>{cronWords(cron)}</strong>
          <SlotList slots={preview.data.nextMs} timeZone={timeZone} now={now} />
        </section>
      ) : null}
      <div className="publish-two">
        <Select label={t('If the job before still runs')} data={said(OVERLAPS)} value={overlap} allowDeselect={false} onChange={(next) => setOverlap(next === 'queue' ? 'queue' : 'skip')} />
        <Select label={t('If slots were missed (site down)')} data={said(MISSES)} value={missed} allowDeselect={false} onChange={(next) => setMissed(next === 'skip' ? 'skip' : 'once')} />
      </div>
      <Select label={t('Job type')} description={job ? sayText(job.description) : undefined} required searchable allowDeselect={false} data={(jobs.data ?? []).map(({ type }) => type)} value={jobType} onChange={(next) => setJobType(next ?? jobType)} />
      {fields.length > 0 ? (
        fields.map((field) => (
          <Field key={field.name} field={field} value={input.values[field.name] ?? ''} error={errors[field.name]} onChange={(value) => setEdited({ ...input, values: { ...input.values, [field.name]: value } })} />
        ))
      ) : (
        <JsonInput label={t('Input as JSON')} value={input.json} onChange={(json) => setEdited({ ...input, json })} autosize minRows={3} maxRows={12} classNames={{ input: 'mono' }} />
      )}
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={1} />
      {problem === null ? null : (
        <Alert color="red" title={t('The schedule was not saved')}>
          {problem}
        </Alert>
      )}
      <div className="publish-foot">
        <span className="quiet" />
        <Button variant="default" onClick={close}>
          {t('Cancel')}
        </Button>
        <Button type="submit" loading={create.isPending || change.isPending}>
          {schedule ? t('Change {schedule}', { schedule: schedule.id }) : t('Make 1 schedule')}
        </Button>
      </div>
    </form>
  );
}
