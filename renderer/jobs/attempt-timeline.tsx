/** A job's life on one line: waiting, running, waiting for the next attempt, to its end or to now. */
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { JobWithAttempts } from '../../shared/operator-api/index.ts';
import { useNow } from '../kit/clock.ts';
import { formatDuration } from '../kit/format.ts';
import { spansOf } from './job-spans.ts';

const OPEN = new Set<JobWithAttempts['state']>(['waiting', 'running', 'retrying']);

/** See the file. Spans too short to see keep two pixels. */
export function AttemptTimeline({ job }: { job: JobWithAttempts }): ReactElement {
  const now = useNow();
  const spans = spansOf(job, OPEN.has(job.state) ? now : null);
  const words = {
    wait: (ms: string) => t('waited {time}', { time: ms }),
    retry: (ms: string) => t('waited {time} for its next attempt', { time: ms }),
    run: (ms: string, attempt: number) => t('attempt {attempt, number} ran {time}', { attempt, time: ms }),
    failed: (ms: string, attempt: number) => t('attempt {attempt, number} failed after {time}', { attempt, time: ms }),
  };
  const titles = spans.map(({ kind, ms, attempt }) => words[kind](formatDuration(ms), attempt));
  return (
    <div className="job-timeline" role="img" aria-label={titles.join(', ')}>
      {spans.map(({ kind, ms, attempt }, index) => (
        <i key={`${kind}-${attempt}`} className={`job-span job-span-${kind}`} style={{ flexGrow: Math.sqrt(Math.max(ms, 0.5)) }} title={titles[index]} />
      ))}
    </div>
  );
}
