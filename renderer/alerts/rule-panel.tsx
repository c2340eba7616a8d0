/** Change what is watched, and how it is told; try the way by which it is told. */
import { Button, NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { ALERT_WORDS, type AlertRule } from '../../shared/alert-rule.ts';
import { t } from '../../shared/i18n/translate.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { SidePanel } from '../kit/page.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';

interface RulePanelProps {
  rule: AlertRule & { changedBy: string | null };
  channels: readonly string[];
  onClose(): void;
}

/** Panel beside the rules. */
export function RulePanel({ rule, channels, onClose }: RulePanelProps): ReactElement {
  const { kind } = rule;
  const { title, unit, asks } = ALERT_WORDS[kind];
  const form = useForm({ initialValues: { enabled: rule.enabled, threshold: rule.threshold ?? 0, holdSeconds: rule.holdMs / 1_000, channel: rule.channel, recipient: rule.recipient ?? '', reason: '' } });
  const change = useMutation(
    api.alerts.changeRule.mutationOptions({
      onSuccess: () => {
        tellDone(t('The rule is changed'));
        void queryClient.invalidateQueries({ queryKey: api.alerts.key() });
      },
      onError: (error) => tellError(t('The rule was not changed'), error),
    }),
  );
  const test = useMutation(
    api.alerts.test.mutationOptions({
      onSuccess: ({ correlationId }) => tellDone(t('A test message is on its way'), <Link to="/traces/$correlationId" params={{ correlationId }}>{t('Open its trace')}</Link>),
      onError: (error) => tellError(t('The test message was not sent'), error),
    }),
  );
  const { channel, recipient } = form.values;
  return (
    <SidePanel label={t('Rule')} title={t(title)} onClose={onClose}>
      <form
        className="action-panel"
        onSubmit={form.onSubmit(({ enabled, threshold, holdSeconds, channel: by, recipient: whom, reason }) =>
          change.mutate({ kind, enabled, threshold: unit === null ? null : threshold, holdMs: holdSeconds * 1_000, channel: by, recipient: by === null || whom.trim() === '' ? null : whom.trim(), ...(reason.trim() === '' ? {} : { reason: reason.trim() }) }, { onSuccess: onClose }),
        )}
      >
        <Switch label={t('Watch for it')} {...form.getInputProps('enabled', { type: 'checkbox' })} />
        {unit === null || asks === null ? null : <NumberInput label={t(asks)} rightSection={<span className="quiet alert-unit">{t(unit)}</span>} rightSectionWidth={104} min={0} hideControls {...form.getInputProps('threshold')} />}
        <NumberInput label={t('Must hold for, seconds')} description={t('A moment is no alert. 0: at once.')} min={0} max={3_600} allowDecimal={false} {...form.getInputProps('holdSeconds')} />
        <Select
          label={t('Also told by')}
          description={channels.length === 0 ? t('No channel is configured. Add one under channels: in the configuration (SMTP or webhook).') : t('A channel of the configuration. The console and the desktop always tell.')}
          placeholder={t('No channel')}
          clearable
          data={[...channels]}
          disabled={channels.length === 0}
          {...form.getInputProps('channel')}
        />
        {channel === null ? null : <TextInput label={t('Whom')} description={t('A mail address for SMTP; for a webhook, whatever it makes of it.')} {...form.getInputProps('recipient')} />}
        <TextInput label={t('Reason')} description={t('Kept with the audit event')} maxLength={500} {...form.getInputProps('reason')} />
        <div className="button-row">
          <Button type="submit" loading={change.isPending}>{t('Change the rule')}</Button>
          {channel === null ? null : (
            <Button variant="default" loading={test.isPending} onClick={() => test.mutate({ channel, recipient: recipient.trim() === '' ? channel : recipient.trim() })}>
              {t('Send 1 test message')}
            </Button>
          )}
        </div>
        {rule.changedBy === null ? <p className="quiet">{t('As built in; nobody has changed it.')}</p> : <p className="quiet">{t('Last changed by {who}.', { who: rule.changedBy })}</p>}
      </form>
    </SidePanel>
  );
}
