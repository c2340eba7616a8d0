/**
 * Every message between the processes of the desktop app, and the channel it goes by.
 *
 *   page ──window──► preload ──IPC──► main ──parentPort──► services        asks for a port
 *   page ◄══════════════ one MessagePort: the operator API ══════════════► services
 *
 * Main only brokers. What the console says to the services never passes through it.
 */

/** Page → preload (`window.postMessage`): a port, please. The console's transport sends the same words. */
export interface PortWish {
  readonly type: 'spine:connect';
}

/** Preload → page (`window.postMessage`), with the port. Comes again when the services were restarted. */
export interface PortDelivery {
  readonly type: 'spine:port';
}

/** IPC between preload and main. Neither message has a body; `port` carries one MessagePort. */
export const IPC = {
  /** preload → main */
  connect: 'spine:connect',
  /** main → preload */
  port: 'spine:port',
} as const;

/** What the page may know of its host: `window.spineShell`. Its presence tells the console that it runs on the desktop. */
export interface SpineShell {
  readonly platform: string;
  readonly versions: { readonly electron: string; readonly chrome: string };
}

/** Main → services. `connect` carries one MessagePort. */
export type ToServices =
  | {
      readonly type: 'start';
      readonly demo: boolean;
      /** Folder with the server programs of a packaged app; null when run from the sources. */
      readonly resourcesBin: string | null;
    }
  | { readonly type: 'connect' }
  | { readonly type: 'stop' };

/** Services → main. */
export type FromServices =
  | { readonly type: 'ready' }
  /** The start failed, and everything that had started is stopped. `message` says what to do. */
  | { readonly type: 'failed'; readonly message: string };

/** Is this window message the wish for a port? Anything can be posted to a window. */
export function isPortWish(data: unknown): data is PortWish {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'spine:connect';
}
