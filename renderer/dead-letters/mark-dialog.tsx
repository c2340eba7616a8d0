/** Say of a failure family that a version fixes it, or that it is to be ignored for a while. */
import { Alert, Button, Modal, SegmentedControl, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { messageOf } from '../../shared/errors.ts';
import type { FailureFamilyRow, FamilyMark } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { tellDone } from '../kit/toasts.tsx';
import { refreshDeadLetters } from './redrive-dialog.tsx';

const HOUR_MS = 3_600_000;
const TIMES = [['1', '1 hour'], ['8', '8 hours'], ['24', '1 day'], ['168', '7 days'], ['720', '30 days']].map(([value = '', label = '']) => ({ value, label }));
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
        tellDone(kind === 'none' ? 'The mark is taken away' : 'The family is marked');
        refreshDeadLetters();
        onClose();
      },
    }),
  );
  const mark = (): FamilyMark => (kind === 'fixed' ? { kind, version: version.trim() } : kind === 'ignored' ? { kind, untilMs: Date.now() + Number(hours) * HOUR_MS } : { kind });
  return (
    <Modal opened onClose={onClose} title="Mark this failure family" size="md" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form
        className="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ family: family.family, mark: mark(), reason: reason.trim() });
        }}
      >
        <SegmentedControl
          aria-label="Mark as"
          value={kind}
          onChange={(next) => setKind(next as Kind)}
          data={[{ value: 'fixed', label: 'Fixed by a version' }, { value: 'ignored', label: 'Ignored for a while' }, ...(family.mark ? [{ value: 'none', label: 'No mark' }] : [])]}
        />
        {kind === 'fixed' ? (
          <TextInput label="Version" required data-autofocus description={here === undefined ? undefined : `This site runs ${here}. From that version on, every new death of this family is shown as come back.`} placeholder="0.2.0" value={version} onChange={(event) => setVersion(event.currentTarget.value)} maxLength={60} />
        ) : kind === 'ignored' ? (
          <Select label="Ignored for" description="Not counted as waiting until then; everything is kept, and it can be decided at any time." data={TIMES} value={hours} onChange={(next) => setHours(next ?? '24')} allowDeselect={false} />
        ) : (
          <p className="dialog-lead">The family counts as any other again.</p>
        )}
        <Textarea label="Reason" description="Kept with the audit event" value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} autosize minRows={1} />
        {save.error ? (
          <Alert color="red" title="The mark was not kept">
            {messageOf(save.error)}
          </Alert>
        ) : null}
        <div className="dialog-foot">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={kind === 'fixed' && version.trim() === ''}>
            {kind === 'none' ? 'Take the mark away' : 'Mark the family'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
