/** Follows the site from the first moment: keeps the connection store true, and asks again for everything after a loss. */
import { client, queryClient, transport } from './client.ts';
import { useConnection } from './connection-store.ts';
import { subscribe } from './use-stream.ts';

/** Call once, at start. */
export function followSite(): void {
  let wasOpen = false;
  transport.onChange((open) => {
    if (open) {
      // Answers from before the loss may be wrong now.
      if (wasOpen) void queryClient.invalidateQueries();
      wasOpen = true;
      useConnection.setState({ open: true, refused: false });
    } else {
      const { open: before, since } = useConnection.getState();
      useConnection.setState({ open: false, since: before ? Date.now() : since });
      if (transport.kind === 'socket') void checkSession();
    }
  });
  subscribe((opening, signal) => client.site.watch(opening, { signal }), {
    onItem: (status) => useConnection.setState({ status, lastUpdate: Date.now() }),
  });
}

/** A refused WebSocket doesn't tell a page why; an ordinary request does. */
async function checkSession(): Promise<void> {
  try {
    const answer = await fetch('/api/v1/site/status', { cache: 'no-store' });
    useConnection.setState({ refused: answer.status === 401 || answer.status === 403 });
  } catch {
    // No host at all: that is a lost connection, not a refused one.
    useConnection.setState({ refused: false });
  }
}
