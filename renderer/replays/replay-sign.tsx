/** How a replay stands: an icon and a word. */
import { IconAlertTriangle, IconBan, IconCircleCheck, IconPlayerPlay } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { ReplayRow } from '../../shared/operator-api/index.ts';

const LOOKS = {
  running: { word: message('running'), tone: 'running', icon: IconPlayerPlay },
  completed: { word: message('completed'), tone: 'ok', icon: IconCircleCheck },
  cancelled: { word: message('cancelled'), tone: 'quiet', icon: IconBan },
  failed: { word: message('failed'), tone: 'failed', icon: IconAlertTriangle },
} as const;

/** See the file. */
export function ReplaySign({ status }: { status: ReplayRow['status'] }): ReactElement {
  const { word, tone, icon: Icon } = LOOKS[status];
  return (
    <span className={`status tone-${tone}`}>
      <Icon size={14} stroke={2} />
      <span>{t(word)}</span>
    </span>
  );
}
