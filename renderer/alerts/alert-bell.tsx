/** Alerts in the header: how many last, and a notice for each that begins or ends while the console is open. */
import { IconBell, IconBellRinging } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useEffect, useRef } from 'react';
import { say, t } from '../../shared/i18n/translate.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { tellDone, tellTrouble } from '../kit/toasts.tsx';

/** Mounted once by the shell. */
export function AlertBell(): ReactElement {
  const alerts = useSiteStatus()?.alerts;
  // What lasted when the console was opened is no news: the number says it.
  const known = useRef<Map<number, string> | null>(null);
  useEffect(() => {
    if (!alerts) return;
    const now = new Map(alerts.map(({ id, words }) => [id, say(words)]));
    const before = known.current;
    known.current = now;
    if (before === null) return;
    for (const [id, words] of now) if (!before.has(id)) tellTrouble(t('Alert'), words, <Link to="/alerts">{t('Show the alerts')}</Link>);
    for (const [id, words] of before) if (!now.has(id)) tellDone(t('Over'), words);
  }, [alerts]);
  const count = alerts?.length ?? 0;
  const label = t('{n, plural, =0 {No alerts} one {# alert} other {# alerts}}', { n: count });
  return (
    <Link to="/alerts" className={count > 0 ? 'alert-bell is-ringing' : 'alert-bell'} aria-label={label} title={label}>
      {count > 0 ? <IconBellRinging size={16} /> : <IconBell size={16} />}
      {count > 0 ? <b className="num">{count}</b> : null}
    </Link>
  );
}
