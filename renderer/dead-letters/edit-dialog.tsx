/** Edit the input of one dead letter and run it again: checked against the schema, with each error at its field. */
import { Alert, Button, Checkbox, JsonInput, Modal, SegmentedControl, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { DeadLetterDetail } from '../../shared/operator-api/index.ts';
import { client } from '../app/connection/client.ts';
import { Field } from '../flow/payload-field.tsx';
import { fieldsOf, type FieldValues, parsePayload, payloadFrom, valuesFrom } from '../flow/payload-fields.ts';
import { sayError } from '../kit/say-error.ts';
import { tellDone } from '../kit/toasts.tsx';
import { refreshDeadLetters } from './redrive-dialog.tsx';

/** See the file. */
export function EditDialog({ detail, onClose }: { detail: DeadLetterDetail; onClose(): void }): ReactElement {
  return (
    <Modal opened onClose={onClose} title={t('Edit and redrive {jobType}', { jobType: detail.row.jobType })} size="lg" closeButtonProps={{ 'aria-label': t('Close') }}>
      <Form detail={detail} onClose={onClose} />
    </Modal>
  );
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function Form({ detail, onClose }: { detail: DeadLetterDetail; onClose(): void }): ReactElement {
  const { row } = detail;
  const input = useMemo(() => (isObject(detail.input) ? detail.input : {}), [detail.input]);
  const fields = useMemo(() => fieldsOf(detail.inputSchema ?? {}, input), [detail.inputSchema, input]);
  const [mode, setMode] = useState<'form' | 'json'>('form');
  const [values, setValues] = useState<FieldValues>(() => valuesFrom(fields, input));
  const [json, setJson] = useState(() => JSON.stringify(input, null, 2));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const [busy, setBusy] = useState(false);
  const unsafe = detail.replaySafety === 'unsafe';

  const switchMode = (next: string): void => {
    setErrors({});
    setProblem(null);
    if (next === 'json') {
      setJson(JSON.stringify(payloadFrom(fields, values).payload, null, 2));
      return setMode('json');
    }
    const parsed = parsePayload(json);
    if ('problem' in parsed) return setProblem(parsed.problem);
    setValues(valuesFrom(fields, parsed.payload));
    setMode('form');
  };
  const edited = (): Record<string, unknown> | null => {
    if (mode === 'json') {
      const parsed = parsePayload(json);
      if ('payload' in parsed) return parsed.payload;
      setProblem(parsed.problem);
      return null;
    }
    const built = payloadFrom(fields, values);
    setErrors(built.errors);
    return Object.keys(built.errors).length > 0 ? null : built.payload;
  };
  const run = async (payload: Record<string, unknown>): Promise<void> => {
    const plan = { scope: { kind: 'selection' as const, deadLetterIds: [row.deadLetterId] }, edit: { kind: 'replace' as const, input: payload }, repeatUnsafe: confirmed };
    const { problems, asOfMs } = await client.redrives.preview(plan);
    const issues = problems.flatMap((each) => each.issues);
    if (issues.length > 0) {
      const byField = Object.fromEntries(issues.map(({ field, message }) => [field.split('.')[0] ?? '', field.includes('.') ? `${field.slice(field.indexOf('.') + 1)}: ${message}` : message]));
      const known = mode === 'form' && issues.every(({ field }) => fields.some(({ name }) => name === field.split('.')[0]));
      setErrors(mode === 'form' ? byField : {});
      setProblem(known ? null : issues.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; '));
      return;
    }
    const { redriveId } = await client.redrives.start({ ...plan, asOfMs, reason: reason.trim() });
    tellDone(t('1 job is redriven with the changed input'), <Link to="/redrives" search={{ redrive: redriveId }}>{t('Watch it')}</Link>);
    onClose();
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setProblem(null);
    const payload = edited();
    if (payload === null) return;
    setBusy(true);
    try {
      await run(payload);
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      setBusy(false);
      refreshDeadLetters();
    }
  };

  return (
    <form className="dialog" onSubmit={(event) => void submit(event)}>
      <p className="dialog-lead">{t('Runs once with this input, under the same idempotency key; what is on record as done is not done again. The old input stays on record.')}</p>
      <div className="publish-head">
        <strong>{t('Input')}</strong>
        <SegmentedControl value={mode} onChange={switchMode} data={[{ value: 'form', label: t('Form') }, { value: 'json', label: 'JSON' }]} aria-label={t('Edit as')} />
      </div>
      {mode === 'json' ? (
        <JsonInput aria-label={t('Input as JSON')} value={json} onChange={setJson} autosize minRows={8} maxRows={18} classNames={{ input: 'mono' }} />
      ) : (
        fields.map((field) => (
          <Field key={field.name} field={field} value={values[field.name] ?? ''} error={errors[field.name]} onChange={(value) => setValues({ ...values, [field.name]: value })} />
        ))
      )}
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={1} />
      {unsafe ? (
        <Checkbox label={t('I have checked that it may run again')} description={t('The effect of this job type may happen twice: no outside system guards against it.')} checked={confirmed} onChange={(event) => setConfirmed(event.currentTarget.checked)} />
      ) : null}
      {problem === null ? null : (
        <Alert color="red" title={t('The job was not redriven')}>
          {problem}
        </Alert>
      )}
      <div className="dialog-foot">
        <Button variant="default" onClick={onClose}>
          {t('Cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={unsafe && !confirmed}>
          {t('Redrive 1 job')}
        </Button>
      </div>
    </form>
  );
}
