/** How a replay stands: an icon and a word. */
import { IconAlertTriangle, IconBan, IconCircleCheck, IconPlayerPlay } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { ReplayRow } from '../../shared/operator-api/index.ts';

const LOOKS = {
  running: { tone: 'running', icon: IconPlayerPlay },
  completed: { tone: 'ok', icon: IconCircleCheck },
  cancelled: { tone: 'quiet', icon: IconBan },
  failed: { tone: 'failed', icon: IconAlertTriangle },
} as const;

/** See the file. */
export function ReplaySign({ status }: { status: ReplayRow['status'] }): ReactElement {
  const { tone, icon: Icon } = LOOKS[status];
  return (
    <span className={`status tone-${tone}`}>
      <Icon size={14} stroke={2} />
      <span>{status}</span>
    </span>
  );
}
