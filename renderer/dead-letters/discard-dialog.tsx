/** Discard many dead letters, with a reason and a way back. */
import { Alert, Button, Modal, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { DeadLetterScope } from '../../shared/operator-api/index.ts';
import { api, client } from '../app/connection/client.ts';
import { sayError } from '../kit/say-error.ts';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { refreshDeadLetters } from './redrive-dialog.tsx';

/** That something was discarded, with the button that takes it back. */
export function tellDiscarded(count: number, what: { discardId: string } | { deadLetterId: string }): void {
  tellDone(
    t('{n, plural, one {# job is} other {# jobs are}} discarded', { n: count }),
    <>
      {t('Kept on record with your reason; can be undone for 7 days.')}
      <div className="toast-action">
        <UndoButton what={what} />
      </div>
    </>,
  );
}

/** Undo a discard. */
export function UndoButton({ what }: { what: { discardId: string } | { deadLetterId: string } }): ReactElement {
  const [state, setState] = useState<'ready' | 'busy' | 'done'>('ready');
  const undo = async (): Promise<void> => {
    setState('busy');
    try {
      const { restored } = await client.deadLetters.undoDiscard(what);
      setState('done');
      tellDone(t('{n, plural, one {# dead letter waits} other {# dead letters wait}} again', { n: restored }));
    } catch (error) {
      setState('ready');
      tellError(t('The discard was not undone'), error);
    }
    refreshDeadLetters();
  };
  return (
    <Button variant="default" disabled={state === 'done'} loading={state === 'busy'} onClick={() => void undo()}>
      {t('Undo the discard')}
    </Button>
  );
}

/** See the file. `count` is what the person saw at `asOfMs`. */
export function DiscardDialog({ scope, title, count, asOfMs, onClose }: { scope: DeadLetterScope; title: string; count: number; asOfMs: number; onClose(): void }): ReactElement {
  const [reason, setReason] = useState('');
  const discard = useMutation(
    api.deadLetters.discardMany.mutationOptions({
      onSuccess: ({ discarded, discardId }) => {
        tellDiscarded(discarded, { discardId });
        refreshDeadLetters();
        onClose();
      },
      onError: refreshDeadLetters,
    }),
  );
  return (
    <Modal opened onClose={onClose} title={title} size="md" closeButtonProps={{ 'aria-label': t('Close') }}>
      <form
        className="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          discard.mutate({ scope, reason: reason.trim(), asOfMs });
        }}
      >
        <p className="dialog-lead">
          {t('{n, plural, one {# job will not run again, and what it should have done} other {# jobs will not run again, and what they should have done}} stays undone. Input, errors and lineage are kept. It can be undone for 7 days.', { n: count })}
        </p>
        <Textarea label={t('Reason')} description={t('Kept with the audit event')} required data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={2} />
        {discard.error ? (
          <Alert color="red" title={t('Nothing was discarded')}>
            {sayError(discard.error)}
          </Alert>
        ) : null}
        <div className="dialog-foot">
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button type="submit" color="red.8" loading={discard.isPending} disabled={reason.trim() === ''}>
            {t('Discard {n, plural, one {# job} other {# jobs}}', { n: count })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
