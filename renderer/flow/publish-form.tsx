/** Publish an event by hand: a form made of the type's schema, filled with its example. */
import { Alert, Autocomplete, Button, JsonInput, Modal, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import { create } from 'zustand';
import { sayText, t } from '../../shared/i18n/translate.ts';
import { api } from '../app/connection/client.ts';
import { Trans } from '../i18n/trans.tsx';
import { sayError } from '../kit/say-error.ts';
import { tellDone } from '../kit/toasts.tsx';
import { Field } from './payload-field.tsx';
import { errorsByField, fieldsOf, type FieldValues, parsePayload, type PayloadField, payloadFrom, valuesFrom } from './payload-fields.ts';

interface Opened {
  opened: number;
  type: string | undefined;
  data: Record<string, unknown> | undefined;
}
const usePublishForm = create<Opened>(() => ({ opened: 0, type: undefined, data: undefined }));

/** Open the form from anywhere, with a type and a payload to begin with. */
export function openPublishForm(type?: string, data?: Record<string, unknown>): void {
  usePublishForm.setState({ opened: Date.now(), type, data });
}

/** Mounted once by the shell. */
export function PublishForm(): ReactElement {
  const { opened, type, data } = usePublishForm();
  const close = (): void => usePublishForm.setState({ opened: 0 });
  return (
    <Modal opened={opened > 0} onClose={close} title={t('Publish an event')} size="lg" closeButtonProps={{ 'aria-label': t('Close') }}>
      {opened > 0 ? <Fields key={opened} firstType={type} firstData={data} close={close} /> : null}
    </Modal>
  );
}

/** What was typed for one set of fields. */
interface Draft {
  fields: readonly PayloadField[];
  values: FieldValues;
  json: string;
  errors: Record<string, string>;
  problem: string | null;
}

const DEFAULT_TYPE = 'communication.CallStarted';

function Fields({ firstType, firstData, close }: { firstType: string | undefined; firstData: Record<string, unknown> | undefined; close: () => void }): ReactElement {
  const catalogue = useQuery(api.catalogue.events.queryOptions({ staleTime: 60_000 }));
  const [type, setType] = useState(firstType ?? DEFAULT_TYPE);
  const [source, setSource] = useState('console');
  const [correlationId, setCorrelationId] = useState('');
  const [mode, setMode] = useState<'form' | 'json'>('form');
  const [edited, setEdited] = useState<Draft | null>(null);

  const entry = catalogue.data?.find((each) => each.type === type);
  const starting = type === firstType && firstData !== undefined ? firstData : entry?.example;
  const fields = useMemo<PayloadField[]>(() => (entry ? fieldsOf(entry.schema, starting) : []), [entry, starting]);
  // A type that the catalogue doesn't know has no fields to show.
  const asJson = mode === 'json' || !entry;

  const fresh = useMemo<Draft>(
    () => ({ fields, values: valuesFrom(fields, starting ?? {}), json: JSON.stringify(starting ?? {}, null, 2), errors: {}, problem: null }),
    [fields, starting],
  );
  // Another type begins anew.
  const { values, json, errors, problem } = edited?.fields === fields ? edited : fresh;
  const change = (part: Partial<Draft>): void => setEdited((before) => ({ ...(before?.fields === fields ? before : fresh), ...part }));

  const publish = useMutation(
    api.events.publish.mutationOptions({
      onSuccess: ({ correlationId: correlation, seq }) => {
        tellDone(
          t('{type} is published', { type }),
          <Trans
            message="Stored as sequence {seq, number}. <trace>Open its trace</trace>"
            values={{ seq }}
            parts={{ trace: <Link to="/traces/$correlationId" params={{ correlationId: correlation }} /> }}
          />,
        );
        close();
      },
      onError: (error) => {
        const sorted = errorsByField(issuesOf(error) ?? sayError(error), fields.map(({ name }) => name));
        change({ errors: asJson ? {} : sorted.byField, problem: asJson ? sayError(error) : sorted.rest });
      },
    }),
  );

  const switchMode = (next: string): void => {
    if (next === 'json') {
      change({ json: JSON.stringify(payloadFrom(fields, values).payload, null, 2) });
      setMode('json');
      return;
    }
    const parsed = parsePayload(json);
    if ('problem' in parsed) return change({ problem: parsed.problem });
    change({ values: valuesFrom(fields, parsed.payload), problem: null });
    setMode('form');
  };

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    let payload: Record<string, unknown>;
    if (asJson) {
      const parsed = parsePayload(json);
      if ('problem' in parsed) return change({ problem: parsed.problem });
      payload = parsed.payload;
    } else {
      const built = payloadFrom(fields, values);
      change({ errors: built.errors, problem: null });
      if (Object.keys(built.errors).length > 0) return;
      payload = built.payload;
    }
    publish.mutate({
      eventType: type.trim(),
      source: source.trim() || 'console',
      data: payload,
      ...(entry ? { eventVersion: entry.version } : {}),
      ...(correlationId.trim() === '' ? {} : { correlationId: correlationId.trim() }),
    });
  };

  return (
    <form className="publish" onSubmit={submit}>
      <Autocomplete
        label={t('Event type')}
        description={entry ? sayText(entry.description) : t('Not in the catalogue: it is carried and shown, and checked by nobody.')}
        required
        value={type}
        data={(catalogue.data ?? []).map((each) => each.type)}
        onChange={setType}
        maxDropdownHeight={260}
        classNames={{ input: 'mono' }}
      />
      <div className="publish-two">
        <TextInput label={t('Source')} required value={source} onChange={(event) => setSource(event.currentTarget.value)} maxLength={200} />
        <TextInput label={t('Correlation')} placeholder={t('a new one')} value={correlationId} onChange={(event) => setCorrelationId(event.currentTarget.value)} classNames={{ input: 'mono' }} />
      </div>
      <div className="publish-head">
        <strong>{t('Payload')}</strong>
        {entry ? <SegmentedControl value={mode} onChange={switchMode} data={[{ value: 'form', label: t('Form') }, { value: 'json', label: 'JSON' }]} aria-label={t('Edit as')} /> : null}
      </div>
      {asJson ? (
        <JsonInput aria-label={t('Payload as JSON')} value={json} onChange={(text) => change({ json: text })} autosize minRows={8} maxRows={18} classNames={{ input: 'mono' }} />
      ) : (
        fields.map((field) => (
          <Field key={field.name} field={field} value={values[field.name] ?? ''} error={errors[field.name]} onChange={(value) => change({ values: { ...values, [field.name]: value } })} />
        ))
      )}
      {problem === null ? null : (
        <Alert color="red" title={t('The event was not published')}>
          {problem}
        </Alert>
      )}
      <div className="publish-foot">
        <span className="quiet">{entry && entry.triggers.length > 0 ? t('Owes {jobs}', { jobs: entry.triggers.join(', ') }) : t('Owes no job')}</span>
        <Button variant="default" onClick={close}>
          {t('Cancel')}
        </Button>
        <Button type="submit" loading={publish.isPending}>
          {t('Publish 1 event')}
        </Button>
      </div>
    </form>
  );
}

/** zod issues, if the error carries them, in the same words as the server's own line. */
export function issuesOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('data' in error)) return null;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('issues' in data) || !Array.isArray(data.issues)) return null;
  const lines = data.issues.map((issue: unknown) => {
    if (typeof issue !== 'object' || issue === null) return String(issue);
    const path = 'path' in issue && Array.isArray(issue.path) ? issue.path.map(String).join('.') : '';
    const problem = 'message' in issue ? String(issue.message) : t('is not valid');
    return path === '' ? problem : `${path}: ${problem}`;
  });
  return lines.join('; ');
}
