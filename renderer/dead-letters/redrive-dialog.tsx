/** Run many dead letters again: first what would happen, then how, then the button that repeats the number. */
import { Alert, Button, Checkbox, JsonInput, Modal, NumberInput, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { messageOf } from '../../shared/errors.ts';
import type { DeadLetterScope, RedrivePreview } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { parsePayload } from '../flow/payload-fields.ts';
import { countOf } from '../kit/format.ts';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { tellDone } from '../kit/toasts.tsx';
import { type Consequence, consequencesOf } from './redrive-words.ts';

/** Everything about dead letters and redrives that is on screen is asked for again. */
export function refreshDeadLetters(): void {
  void queryClient.invalidateQueries({ queryKey: api.deadLetters.key() });
  void queryClient.invalidateQueries({ queryKey: api.redrives.key() });
}

/** See the file. */
export function RedriveDialog({ scope, what, onClose }: { scope: DeadLetterScope; what: string; onClose(): void }): ReactElement {
  return (
    <Modal opened onClose={onClose} title={`Redrive ${what}`} size="xl" closeButtonProps={{ 'aria-label': 'Close' }}>
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
        tellDone('The redrive has started');
        refreshDeadLetters();
        onClose();
        void navigate({ to: '/redrives', search: { redrive: redriveId } });
      },
      onError: () => void preview.refetch(),
    }),
  );
  const data = preview.data;
  if (!data) return preview.error ? <ErrorNotice what="The dry run failed" error={preview.error} retry={() => void preview.refetch()} /> : <SkeletonRows rows={6} />;
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
          label="I have checked that what is unsafe to repeat may run again"
          description={`${countOf(unsafeInScope, 'job')} of these may have reached the other side before; no outside system guards against doing it twice.`}
          checked={repeatUnsafe}
          onChange={(event) => setRepeatUnsafe(event.currentTarget.checked)}
        />
      ) : null}
      {few ? null : (
        <div className="dialog-three">
          <NumberInput label="First, as a canary" description="The rest only if all succeed" min={0} max={1_000} allowDecimal={false} value={options.canary} onChange={(canary) => setOptions({ ...options, canary: numberOr(canary) })} />
          <NumberInput label="Jobs a second" description="Empty: as fast as the queue takes them" min={0.1} max={10_000} value={options.rate} onChange={(rate) => setOptions({ ...options, rate: numberOr(rate) })} />
          <NumberInput label="Stop when more fail than, %" description="Once ten have ended; empty: never" min={0} max={100} value={options.stopPercent} onChange={(stopPercent) => setOptions({ ...options, stopPercent: numberOr(stopPercent) })} />
        </div>
      )}
      <Textarea label="Reason" description="Kept with the audit event" value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={1} />
      <details className="fold">
        <summary>Change the input of all of them first</summary>
        <JsonInput
          mt={8}
          label="Merge patch"
          description="Fields of this JSON object replace those of each input; null takes a field away. Checked against the schema."
          placeholder='{ "channel": "ops-2" }'
          value={patch}
          onChange={setPatch}
          error={badPatch}
          autosize
          minRows={3}
          classNames={{ input: 'mono' }}
        />
      </details>
      {start.error ? (
        <Alert color="red" title="Nothing was started">
          {messageOf(start.error)}
        </Alert>
      ) : null}
      <div className="dialog-foot">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={start.isPending} disabled={data.willRun === 0 || stale || badPatch !== null}>
          {`Redrive ${countOf(data.willRun, 'job')}`}
        </Button>
      </div>
    </form>
  );
}

function DryRun({ preview, lines }: { preview: RedrivePreview; lines: readonly Consequence[] }): ReactElement {
  return (
    <section className="dry-run" aria-label="Dry run" aria-live="polite">
      <strong>{`What happens to ${countOf(preview.total, 'dead letter')}`}</strong>
      <ul>
        {lines.map(({ text, warning }) => (
          <li key={text} className={warning ? 'is-warning' : undefined}>
            {text}
          </li>
        ))}
        <li className="quiet">The old attempts stay on record; each new job shows in the same trace. It can be cancelled between two jobs; what has run is not taken back.</li>
      </ul>
    </section>
  );
}

const numberOr = (value: string | number): number | '' => (typeof value === 'number' ? value : value.trim() === '' || Number.isNaN(Number(value)) ? '' : Number(value));
