/** Say of a failure family that a version fixes it, or that it is to be ignored for a while. */
import { Alert, Button, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { FailureFamilyRow, FamilyMark } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { sayError } from '../kit/say-error.ts';
import { tellDone } from '../kit/toasts.tsx';
import { refreshDeadLetters } from './redrive-dialog.tsx';

const EXAMPLE_VERSION = '0.2.0';
const HOUR_MS = 3_600_000;
/** Hours, and what they are called. */
const TIMES = [['1', message('1 hour')], ['8', message('8 hours')], ['24', message('1 day')], ['168', message('7 days')], ['720', message('30 days')]] as const;
type Kind = FamilyMark['kind'];

/** See the file. */
export function MarkDialog({ family, onClose }: { family: FailureFamilyRow; onClose(): void }): ReactElement {
  const here = useSiteStatus()?.version;
  const [kind, setKind] = useState<Kind>(family.mark?.kind ?? 'fixed');
  const [version, setVersion] = useState(family.mark?.version ?? '');
  const [hours, setHours] = useState('24');
  const [reason, setReason] = useState('');
  const save = useMutation(
    api.deadLetters.mark.mutationOptions({
      onSuccess: () => {
        tellDone(kind === 'none' ? t('The mark is taken away') : t('The family is marked'));
        refreshDeadLetters();
        onClose();
      },
    }),
  );
  const mark = (): FamilyMark => (kind === 'fixed' ? { kind, version: version.trim() } : kind === 'ignored' ? { kind, untilMs: Date.now() + Number(hours) * HOUR_MS } : { kind });
  return (
    <Modal opened onClose={onClose} title={t('Mark this failure family')} size="md" closeButtonProps={{ 'aria-label': t('Close') }}>
      <form
        className="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ family: family.family, mark: mark(), reason: reason.trim() });
        }}
      >
        <SegmentedControl
          aria-label={t('Mark as')}
          value={kind}
          onChange={(next) => setKind(next as Kind)}
          data={[{ value: 'fixed', label: t('Fixed by a version') }, { value: 'ignored', label: t('Ignored for a while') }, ...(family.mark ? [{ value: 'none', label: t('No mark') }] : [])]}
        />
        {kind === 'fixed' ? (
          <TextInput label={t('Version')} required data-autofocus description={here === undefined ? undefined : t('This site runs {version}. From that version on, every new death of this family is shown as come back.', { version: here })} placeholder={EXAMPLE_VERSION} value={version} onChange={(event) => setVersion(event.currentTarget.value)} maxLength={60} />
        ) : kind === 'ignored' ? (
          <Select label={t('Ignored for')} description={t('Not counted as waiting until then; everything is kept, and it can be decided at any time.')} data={TIMES.map(([value, label]) => ({ value, label: t(label) }))} value={hours} onChange={(next) => setHours(next ?? '24')} allowDeselect={false} />
        ) : (
          <p className="dialog-lead">{t('The family counts as any other again.')}</p>
        )}
        <Textarea label={t('Reason')} description={t('Kept with the audit event')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={1} />
        {save.error ? (
          <Alert color="red" title={t('The mark was not kept')}>
            {sayError(save.error)}
          </Alert>
        ) : null}
        <div className="dialog-foot">
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={kind === 'fixed' && version.trim() === ''}>
            {kind === 'none' ? t('Take the mark away') : t('Mark the family')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
