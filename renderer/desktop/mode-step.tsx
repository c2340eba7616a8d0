/** Bring the servers along, or connect to some. */
import { Radio } from '@mantine/core';
import { type ReactElement, useRef } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import { isConnected, withMode } from './setup-steps.ts';
import type { StepProps } from './setup-wizard.tsx';

const MODES = [
  { value: 'alone', name: message('Self-contained'), about: message('The app brings NATS and PostgreSQL along, starts them, watches them and stops them. Nothing else is needed, no network either. Right for one machine.') },
  { value: 'connected', name: message('Connect to servers'), about: message('The site uses a NATS cluster or a PostgreSQL server that somebody else runs. You need their addresses, and most likely credentials.') },
] as const;

export function ModeStep({ plan, change }: StepProps): ReactElement {
  // What was typed outlives a look at the other choice.
  const typed = useRef({ nats: plan.nats, database: plan.database });
  return (
    <>
      <h1>{t('How should this site run?')}</h1>
      <p className="quiet">{t('A site is an event bus, a database with the job queues, and the services between them.')}</p>
      <Radio.Group aria-label={t('How should this site run?')} value={isConnected(plan) ? 'connected' : 'alone'} onChange={(mode) => {
        const { nats, database } = withMode(plan, mode === 'connected', typed.current);
        change({ nats, database });
      }}>
        <div className="setup-cards">
          {MODES.map(({ value, name, about }) => (
            <Radio.Card key={value} value={value} className="setup-card" aria-label={t(name)} aria-describedby={`mode-${value}`}>
              <Radio.Indicator size="xs" />
              <span>
                <strong>{t(name)}</strong>
                <span id={`mode-${value}`}>{t(about)}</span>
              </span>
            </Radio.Card>
          ))}
        </div>
      </Radio.Group>
    </>
  );
}
