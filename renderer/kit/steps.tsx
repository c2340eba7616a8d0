/** Steps of an explanation, each with its verdict and the way to what it speaks of. */
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { say, t } from '../../shared/i18n/translate.ts';
import type { WhyNotStepRow } from '../../shared/operator-api/index.ts';
import { StepSign } from './status.tsx';

/** One step a line. */
export function StepList({ steps, correlationId, onFollow }: { steps: readonly WhyNotStepRow[]; correlationId: string; onFollow?: () => void }): ReactElement {
  return (
    <ol className="steps">
      {steps.map((step) => (
        <li key={`${step.node ?? ''} ${step.words.text}`}>
          <StepSign verdict={step.verdict} />
          <span className="step-words">
            {say(step.words)}{' '}
            {step.node === null ? null : (
              <Link to="/traces/$correlationId" params={{ correlationId }} search={{ node: step.node }} onClick={onFollow}>
                {t('Show it')}
              </Link>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
