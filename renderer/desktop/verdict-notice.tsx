/** What a test of the setup found. */
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { SetupVerdict } from '../../shared/desktop-api.ts';

export function VerdictNotice({ verdict }: { verdict: SetupVerdict | null }): ReactElement | null {
  if (verdict === null) return null;
  const { ok, title, detail, remedies } = verdict;
  return (
    <div className={ok ? 'notice notice-ok' : 'notice notice-error'} role={ok ? 'status' : 'alert'}>
      {ok ? <IconCircleCheck size={16} /> : <IconAlertTriangle size={16} />}
      <div>
        <strong>{title}</strong>
        <p>{detail}</p>
        {remedies.length === 0 ? null : (
          <ul className="remedies">
            {remedies.map((remedy) => (
              <li key={remedy}>{remedy}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
