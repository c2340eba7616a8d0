/** What is made of a plan before it is written down. Free of Electron, so that it can be tested alone. */
import type { SetupPlan } from '../shared/desktop-api.ts';

/** A password typed into an address belongs into the vault like any other; the file is for all to read who run the site. */
export function withoutPasswordsInAddresses(plan: SetupPlan): SetupPlan {
  const split = (url: string): { url: string; password: string } => {
    const trimmed = url.trim();
    if (!URL.canParse(trimmed)) return { url: trimmed, password: '' };
    const address = new URL(trimmed);
    const password = decodeURIComponent(address.password);
    address.password = '';
    return password === '' ? { url: trimmed, password } : { url: address.href, password };
  };
  const { nats, database } = plan;
  const bus = nats.kind === 'outside' ? split(nats.url) : null;
  const store = database.kind === 'outside' ? split(database.url) : null;
  return {
    ...plan,
    nats: nats.kind === 'outside' && bus ? { ...nats, url: bus.url, credentials: bus.password || nats.credentials } : nats,
    database: database.kind === 'outside' && store ? { ...database, url: store.url, password: store.password || database.password } : database,
  };
}
