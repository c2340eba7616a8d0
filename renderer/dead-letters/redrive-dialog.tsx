/** Run many dead letters again: first what would happen, then how, then the button that repeats the number. */
import { Alert, Button, Checkbox, JsonInput, Modal, NumberInput, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { DeadLetterScope, RedrivePreview } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { parsePayload } from '../flow/payload-fields.ts';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { sayError } from '../kit/say-error.ts';
import { tellDone } from '../kit/toasts.tsx';
import { type Consequence, consequencesOf } from './redrive-words.ts';

/** Everything about dead letters and redrives that is on screen is asked for again. */
export function refreshDeadLetters(): void {
  void queryClient.invalidateQueries({ queryKey: api.deadLetters.key() });
  void queryClient.invalidateQueries({ queryKey: api.redrives.key() });
}

/** See the file. */
export function RedriveDialog({ scope, title, onClose }: { scope: DeadLetterScope; title: string; onClose(): void }): ReactElement {
  return (
    <Modal opened onClose={onClose} title={title} size="xl" closeButtonProps={{ 'aria-label': t('Close') }}>
      <Form scope={scope} onClose={onClose} />
    </Modal>
  );
}

interface Options {
  rate: number | '';
  canary: number | '';
  stopPercent: number | '';
}
/** Careful first: ten to begin with, and a rate that the other side can bear. */
const FIRST_OPTIONS: Options = { rate: 50, canary: 10, stopPercent: 20 };
const EXAMPLE_PATCH = '{ "channel": "ops-2" }';
/** Up to so many a canary and a rate only slow things down. */
const FEW = 10;

function Form({ scope, onClose }: { scope: DeadLetterScope; onClose(): void }): ReactElement {
  const navigate = useNavigate();
  const [options, setOptions] = useState<Options>(FIRST_OPTIONS);
  const [reason, setReason] = useState('');
  const [repeatUnsafe, setRepeatUnsafe] = useState(false);
  const [patch, setPatch] = useState('');
  // What is being typed is no patch yet: the last one that could be read stands.
  const parsed = patch.trim() === '' ? null : parsePayload(patch);
  const edit = parsed !== null && 'payload' in parsed ? { kind: 'merge' as const, patch: parsed.payload } : undefined;
  const plan = { scope, repeatUnsafe, ...(edit === undefined ? {} : { edit }) };
  const preview = useQuery(api.redrives.preview.queryOptions({ input: plan, staleTime: Number.POSITIVE_INFINITY, gcTime: 0 }));
  const start = useMutation(
    api.redrives.start.mutationOptions({
      onSuccess: ({ redriveId }) => {
        tellDone(t('The redrive has started'));
        refreshDeadLetters();
        onClose();
        void navigate({ to: '/redrives', search: { redrive: redriveId } });
      },
      onError: () => void preview.refetch(),
    }),
  );
  const data = preview.data;
  if (!data) return preview.error ? <ErrorNotice what={t('The dry run failed')} error={preview.error} retry={() => void preview.refetch()} /> : <SkeletonRows rows={6} />;
  const few = data.willRun <= FEW;
  const ratePerSecond = few || options.rate === '' ? null : options.rate;
  const unsafeInScope = data.skipped.unsafe + data.unsafe;
  const stale = preview.isPlaceholderData;
  const badPatch = parsed !== null && 'problem' in parsed ? parsed.problem : null;
  return (
    <form
      className="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({
          ...plan, reason: reason.trim(), asOfMs: data.asOfMs, ratePerSecond,
          canary: few ? 0 : Number(options.canary), stopRatio: few || options.stopPercent === '' ? null : options.stopPercent / 100,
        });
      }}
    >
      <DryRun preview={data} lines={consequencesOf(data, ratePerSecond)} />
      {unsafeInScope > 0 ? (
        <Checkbox
          label={t('I have checked that what is unsafe to repeat may run again')}
          description={t('{n, plural, one {# job} other {# jobs}} of these may have reached the other side before; no outside system guards against doing it twice.', { n: unsafeInScope })}
          checked={repeatUnsafe}
          onChange={(event) => setRepeatUnsafe(event.currentTarget.checked)}
        />
      ) : null}
      {few ? null : (
        <div className="dialog-three">
          <NumberInput label={t('First, as a canary')} description={t('The rest only if all succeed')} min={0} max={1_000} allowDecimal={false} value={options.canary} onChange={(canary) => setOptions({ ...options, canary: numberOr(canary) })} />
          <NumberInput label={t('Jobs a second')} description={t('Empty: as fast as the queue takes them')} min={0.1} max={10_000} value={options.rate} onChange={(rate) => setOptions({ ...options, rate: numberOr(rate) })} />
          <NumberInput label={t('Stop when more fail than, %')} description={t('Once ten have ended; empty: never')} min={0} max={100} value={options.stopPercent} onChange={(stopPercent) => setOptions({ ...options, stopPercent: numberOr(stopPercent) })} />
        </div>
      )}
      <Textarea label={t('Reason')} description={t('Kept with the audit event')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={1} />
      <details className="fold">
        <summary>{t('Change the input of all of them first')}</summary>
        <JsonInput
          mt={8}
          label={t('Merge patch')}
          description={t('Fields of this JSON object replace those of each input; null takes a field away. Checked against the schema.')}
          placeholder={EXAMPLE_PATCH}
          value={patch}
          onChange={setPatch}
          error={badPatch}
          autosize
          minRows={3}
          classNames={{ input: 'mono' }}
        />
      </details>
      {start.error ? (
        <Alert color="red" title={t('Nothing was started')}>
          {sayError(start.error)}
        </Alert>
      ) : null}
      <div className="dialog-foot">
        <Button variant="default" onClick={onClose}>
          {t('Cancel')}
        </Button>
        <Button type="submit" loading={start.isPending} disabled={data.willRun === 0 || stale || badPatch !== null}>
          {t('Redrive {n, plural, one {# job} other {# jobs}}', { n: data.willRun })}
        </Button>
      </div>
    </form>
  );
}

function DryRun({ preview, lines }: { preview: RedrivePreview; lines: readonly Consequence[] }): ReactElement {
  return (
    <section className="dry-run" aria-label={t('Dry run')} aria-live="polite">
      <strong>{t('What happens to {n, plural, one {# dead letter} other {# dead letters}}', { n: preview.total })}</strong>
      <ul>
        {lines.map(({ text, warning }) => (
          <li key={text} className={warning ? 'is-warning' : undefined}>
            {text}
          </li>
        ))}
        <li className="quiet">{t('The old attempts stay on record; each new job shows in the same trace. It can be cancelled between two jobs; what has run is not taken back.')}</li>
      </ul>
    </section>
  );
}

const numberOr = (value: string | number): number | '' => (typeof value === 'number' ? value : value.trim() === '' || Number.isNaN(Number(value)) ? '' : Number(value));
