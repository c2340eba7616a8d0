/** Every attempt of a job, with its error; the stack is folded. */
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { AttemptRow } from '../../shared/operator-api/index.ts';
import { formatDuration } from './format.ts';
import { CopyButton } from './ids.tsx';
import { AttemptSign } from './status.tsx';
import { Clock } from './time.tsx';

/** Newest last, as they happened. */
export function AttemptList({ attempts }: { attempts: readonly AttemptRow[] }): ReactElement {
  if (attempts.length === 0) return <p className="quiet">{t('None yet.')}</p>;
  return (
    <ol className="attempts">
      {attempts.map((attempt) => (
        <li key={attempt.attempt}>
          <div className="attempt-head">
            <strong className="num">{attempt.attempt}</strong>
            <AttemptSign outcome={attempt.outcome} />
            <span className="head-gap" />
            <span className="quiet num">{attempt.finishedMs === null ? '' : formatDuration(attempt.finishedMs - attempt.startedMs)}</span>
            <span className="quiet"><Clock at={attempt.startedMs} /></span>
          </div>
          {attempt.errorMessage === null ? null : (
            <p className="attempt-error">
              {attempt.errorName === null ? null : <span className="mono">{attempt.errorName}: </span>}
              {attempt.errorMessage}
            </p>
          )}
          {attempt.errorStack === null ? null : (
            <details className="fold">
              <summary>{t('Stack')}</summary>
              <div className="json-box stack-box">
                <CopyButton text={attempt.errorStack} label={t('Copy the stack')} />
                <pre className="stack">{attempt.errorStack}</pre>
              </div>
            </details>
          )}
          {attempt.worker === null ? null : <div className="quiet attempt-worker">{t('worker {worker}', { worker: attempt.worker })}</div>}
        </li>
      ))}
    </ol>
  );
}
