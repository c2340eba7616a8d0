/** What the site begins with, and everything once more before it starts. */
import { Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { summaryOf } from './setup-steps.ts';
import type { StepProps } from './setup-wizard.tsx';

export function StartStep({ plan, change }: StepProps): ReactElement {
  return (
    <>
      <h1>{t('What should it do at first?')}</h1>
      <div className="setup-switches">
        <Switch label={t('Run workers')} description={t('Off makes an observer: it watches and steers, and leaves the jobs to other hosts of the site.')} checked={plan.workers} onChange={(event) => change({ workers: event.currentTarget.checked })} />
        <Switch label={t('Start demo traffic')} description={t('A believable day of calls, mails and failures, all marked as source demo.*; stop it at any time. It stays in the streams until their retention ends.')} checked={plan.demo} onChange={(event) => change({ demo: event.currentTarget.checked })} />
      </div>
      <h2 className="setup-summary-head">{t('Then it starts with')}</h2>
      <dl className="facts">
        {summaryOf(plan).map(({ what, choice }) => (
          <div key={what}>
            <dt>{t(what)}</dt>
            <dd>{choice}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
