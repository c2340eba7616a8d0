/** What became of a slot: an icon and a word. */
import { IconAlertTriangle, IconCircleCheck, IconClock, IconPlayerSkipForward } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { ScheduleFiring } from '../../shared/operator-api/index.ts';

const LOOKS = {
  fired: { tone: 'ok', word: 'fired', icon: IconCircleCheck },
  waiting: { tone: 'waiting', word: 'waits its turn', icon: IconClock },
  'skipped-overlap': { tone: 'quiet', word: 'left out: job before still ran', icon: IconPlayerSkipForward },
  'skipped-missed': { tone: 'retrying', word: 'missed', icon: IconAlertTriangle },
  'skipped-unknown-job': { tone: 'failed', word: 'left out: no such job type', icon: IconAlertTriangle },
} as const;

/** See the file. */
export function FiringSign({ firing }: { firing: ScheduleFiring }): ReactElement {
  const { tone, word, icon: Icon } = LOOKS[firing.outcome];
  const more = firing.outcome === 'skipped-missed' && firing.slots > 1 ? ` (${firing.slots.toLocaleString('en')} slots)` : firing.outcome !== 'fired' ? '' : firing.cause === 'manual' ? ' by hand' : firing.cause === 'missed' ? ' late, for missed slots' : '';
  return (
    <span className={`status tone-${tone}`}>
      <Icon size={14} stroke={2} />
      <span>{word}{more}</span>
    </span>
  );
}
