/** What a test of the setup found. */
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { SetupVerdict } from '../../shared/desktop-api.ts';
import { say } from '../../shared/i18n/translate.ts';

export function VerdictNotice({ verdict }: { verdict: SetupVerdict | null }): ReactElement | null {
  if (verdict === null) return null;
  const { ok, title, detail, remedies } = verdict;
  return (
    <div className={ok ? 'notice notice-ok' : 'notice notice-error'} role={ok ? 'status' : 'alert'}>
      {ok ? <IconCircleCheck size={16} /> : <IconAlertTriangle size={16} />}
      <div>
        <strong>{say(title)}</strong>
        <p>{say(detail)}</p>
        {remedies.length === 0 ? null : (
          <ul className="remedies">
            {remedies.map((remedy) => (
              <li key={remedy.text}>{say(remedy)}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
