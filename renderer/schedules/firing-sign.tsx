/** What became of a slot: an icon and a word. */
import { IconAlertTriangle, IconCircleCheck, IconClock, IconPlayerSkipForward } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { ScheduleFiring } from '../../shared/operator-api/index.ts';

const LOOKS = {
  fired: { tone: 'ok', word: message('fired'), icon: IconCircleCheck },
  waiting: { tone: 'waiting', word: message('waits its turn'), icon: IconClock },
  'skipped-overlap': { tone: 'quiet', word: message('left out: job before still ran'), icon: IconPlayerSkipForward },
  'skipped-missed': { tone: 'retrying', word: message('missed'), icon: IconAlertTriangle },
  'skipped-unknown-job': { tone: 'failed', word: message('left out: no such job type'), icon: IconAlertTriangle },
} as const;

/** See the file. */
export function FiringSign({ firing }: { firing: ScheduleFiring }): ReactElement {
  const { tone, word, icon: Icon } = LOOKS[firing.outcome];
  const { outcome, cause, slots } = firing;
  const words =
    outcome === 'skipped-missed' && slots > 1 ? t('missed ({n, number} slots)', { n: slots })
    : outcome === 'fired' && cause === 'manual' ? t('fired by hand')
    : outcome === 'fired' && cause === 'missed' ? t('fired late, for missed slots')
    : t(word);
  return (
    <span className={`status tone-${tone}`}>
      <Icon size={14} stroke={2} />
      <span>{words}</span>
    </span>
  );
}
