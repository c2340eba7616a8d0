/** Follows the site from the first moment: keeps the connection store true, and asks again for everything after a loss. */
import { client, queryClient, transport } from './client.ts';
import { useConnection } from './connection-store.ts';
import { subscribe } from './use-stream.ts';

/** Call once, at start. */
export function followSite(): void {
  transport.onChange((state) => {
    if (state === 'open') return useConnection.setState({ open: true });
    const { open: before, since } = useConnection.getState();
    useConnection.setState({ open: false, since: before ? Date.now() : since, ...(state === 'refused' ? { refused: true } : {}) });
  });
  subscribe((opening, signal) => client.site.watch(opening, { signal }), {
    // A socket opens before the host looks for a session: only an answer shows that we are let in.
    onItem: (status) => useConnection.setState({ status, lastUpdate: Date.now(), refused: false }),
    // Answers from before the loss may be wrong now.
    onReopen: () => void queryClient.invalidateQueries(),
  });
}
