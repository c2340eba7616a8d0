/** The desktop app behind this window: its client, and what it says of the services. In a browser there is none. */
import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { create } from 'zustand';
import type { desktopApi, ShellState } from '../../shared/desktop-api.ts';
import { portTransport } from '../app/connection/port-transport.ts';
import type { Transport } from '../app/connection/transport.ts';

export type DesktopClient = ContractRouterClient<typeof desktopApi>;

interface DesktopStore {
  /** Null in a browser, and until the app has spoken. */
  readonly state: ShellState | null;
}
export const useDesktop = create<DesktopStore>(() => ({ state: null }));

/** Does this page run in the desktop app? */
export const isDesktop = window.spineShell !== undefined;

const wire: Transport | null = isDesktop ? portTransport('shell') : null;
const client: DesktopClient | null = wire && createORPCClient(wire.link);

/** The app's client. @throws Error in a browser. */
export function desktop(): DesktopClient {
  if (!client) throw new Error('This page does not run in the desktop app.');
  return client;
}

/** Follow the app from the first moment. `go` shows a page. Call once, at start; does nothing in a browser. */
export function followDesktop(go: (path: string) => void): void {
  if (!wire || !client) return;
  let watching = new AbortController();
  wire.onChange((state) => {
    watching.abort();
    if (state !== 'open') return;
    watching = new AbortController();
    void follow(client, watching.signal, go);
  });
}

async function follow(client: DesktopClient, signal: AbortSignal, go: (path: string) => void): Promise<void> {
  try {
    for await (const news of await client.shell.watch(undefined, { signal })) {
      if (signal.aborted) return;
      if (news.kind === 'state') useDesktop.setState({ state: news.state });
      else go(news.path);
    }
  } catch {
    // The wire went; the next one opens the stream again.
  }
}
