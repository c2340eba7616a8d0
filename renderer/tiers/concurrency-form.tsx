/** How many jobs of a queue run at once, changed while they run. */
import { Button, NumberInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { QueueStatus } from '../../shared/operator-api/index.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { Facts, Section } from '../kit/page.tsx';
import { Ago } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';

const MOST = 256;

/** Part of a queue's panel. */
export function ConcurrencyForm({ queue }: { queue: QueueStatus }): ReactElement {
  const { queue: name, concurrency, concurrencyChanged: changed } = queue;
  const [wanted, setWanted] = useState<number | string>(concurrency);
  const [reason, setReason] = useState('');
  const change = useMutation(
    api.tiers.setConcurrency.mutationOptions({
      onSuccess: ({ concurrency: now }) => {
        tellDone(t('At most {n, plural, one {# job} other {# jobs}} of {queue} at once from now on', { n: now, queue: name }));
        setReason('');
        setWanted(now);
        void queryClient.invalidateQueries({ queryKey: api.tiers.queues.key() });
      },
      onError: (error) => tellError(t('The number was not changed'), error),
    }),
  );
  const valid = typeof wanted === 'number' && Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST;
  return (
    <Section title={t('Jobs at once')}>
      {changed === null ? null : (
        <Facts
          facts={[
            [t('Changed by'), changed.operator],
            [t('Reason'), changed.reason],
            [t('Since'), <Ago key="since" at={changed.sinceMs} says="ago" />],
            [t('As configured'), changed.configured],
          ]}
        />
      )}
      <form
        className="concurrency-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) change.mutate({ queue: name, concurrency: wanted, reason: reason.trim() });
        }}
      >
        <NumberInput
          label={t('At once')}
          value={wanted}
          onChange={setWanted}
          min={1}
          max={MOST}
          allowDecimal={false}
          clampBehavior="none"
          error={valid ? null : t('A whole number from 1 to {most, number}', { most: MOST })}
          w={100}
        />
        <TextInput label={t('Why')} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} className="toolbar-grow" />
      </form>
      <p className="quiet">{valid && wanted < queue.running ? t('{n, plural, one {# job runs} other {# jobs run}} now and will not be stopped; new ones wait until fewer than {wanted, number} run.', { n: queue.running, wanted }) : t('More begin at once; with fewer, what runs ends first.')}</p>
      <div className="button-row">
        <Button disabled={!valid || wanted === concurrency || reason.trim() === ''} loading={change.isPending} onClick={() => valid && change.mutate({ queue: name, concurrency: wanted, reason: reason.trim() })}>
          {valid ? t('Run at most {wanted, number} at once', { wanted }) : t('Change')}
        </Button>
        {changed === null ? null : (
          <Button variant="default" loading={change.isPending} onClick={() => change.mutate({ queue: name, concurrency: null, reason: reason.trim() || t('as configured') })}>
            {t('Back to the configured {configured, number}', { configured: changed.configured })}
          </Button>
        )}
      </div>
    </Section>
  );
}
