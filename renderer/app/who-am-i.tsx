/** Who is signed in by a token, with what role, and the way out. Nothing of it for the owner of the site. */
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { api, transport } from './connection/client.ts';
import { useConnection } from './connection/connection-store.ts';

/** A line at the foot of the navigation. */
export function WhoAmI(): ReactElement | null {
  // The wire opens before the host has looked at who it is; a status comes to those who are in.
  const isIn = useConnection(({ open, refused, lastUpdate }) => open && !refused && lastUpdate !== null);
  const { data: me } = useQuery(api.access.whoAmI.queryOptions({ enabled: isIn, staleTime: 60_000 }));
  if (!me?.byToken) return null;
  const signOut = async (): Promise<void> => {
    await fetch('/session', { method: 'DELETE' });
    transport.reconnect();
    location.reload();
  };
  return (
    <div title={me.maskedFields.length > 0 ? t('Some fields are masked: {fields}', { fields: me.maskedFields.join(', ') }) : undefined}>
      {me.maskedFields.length > 0 ? t('{who} · {role}, masked', { who: me.operator, role: me.role }) : `${me.operator} · ${me.role}`}{' '}
      <button type="button" className="link-button" onClick={() => void signOut()}>
        {t('Sign out')}
      </button>
    </div>
  );
}
