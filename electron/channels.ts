/**
 * Every message between the processes of the desktop app, and the channel it goes by.
 *
 *   page ──window──► preload ──IPC──► main ──parentPort──► services        asks for ports
 *   page ◄══════════════ one MessagePort: the operator API ══════════════► services
 *   page ◄═══ one MessagePort: the desktop API (shared/desktop-api.ts) ══► main
 *                                     main ◄══ the operator API ═════════► services    for tray, badge, notifications
 *
 * Main brokers. What the console says to the services never passes through it.
 */
import type { SetupPlan, SetupVerdict } from '../shared/desktop-api.ts';

/** Page → preload (`window.postMessage`): ports, please. The console's transport sends the same words. */
export interface PortWish {
  readonly type: 'spine:connect';
}

/** At whose other end a port is. */
export type PortEnd = 'services' | 'shell';

/** Preload → page (`window.postMessage`), with the port. Comes again when the services were restarted. */
export interface PortDelivery {
  readonly type: 'spine:port';
  readonly to: PortEnd;
}

/** All IPC channels between preload and main, with the arguments of each. Ports travel beside the arguments. */
export interface ToMain {
  'spine:connect': [];
}
export interface ToPreload {
  'spine:port': [to: PortEnd];
}

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
      /** Chosen by the wizard; null leaves it to environment and defaults. */
      readonly dataFolder: string | null;
      /** Secrets from the vault, by the variable that the configuration names. They are no part of the process's environment. */
      readonly secrets: Readonly<Record<string, string>>;
    }
  | { readonly type: 'connect'; readonly peer: 'console' | 'shell' }
  /** `drainMs`: how long running jobs may go on; null for as long as any stop grants. */
  | { readonly type: 'stop'; readonly drainMs: number | null };

/** Services → main. */
export type FromServices =
  | { readonly type: 'ready'; readonly dataFolder: string }
  /** The start failed, and everything that had started is stopped. `message` says what to do. */
  | {
      readonly type: 'failed';
      readonly message: string;
      /** Might the same start do better later? A server that is away may come back; a wrong setting stays wrong. */
      readonly mayPass: boolean;
    };

/** Main → tools: one question to one short-lived process, for what must work before, or without, the services. */
export type ToolQuestion =
  | { readonly ask: 'defaults' }
  | { readonly ask: 'check-folder'; readonly folder: string }
  | { readonly ask: 'test-nats'; readonly url: string; readonly credentials: string }
  | { readonly ask: 'test-database'; readonly url: string; readonly password: string }
  | { readonly ask: 'read-site'; readonly dataFolder: string }
  | { readonly ask: 'write-site'; readonly plan: SiteChoice }
  | { readonly ask: 'diagnostics'; readonly file: string; readonly dataFolder: string | null; readonly resourcesBin: string | null; readonly logFolders: Readonly<Record<string, string>>; readonly more: Readonly<Record<string, string>> };

/** A plan without its secrets: of those, only whether there are any. */
export type SiteChoice = Pick<SetupPlan, 'dataFolder' | 'workers'> & {
  readonly nats: { readonly url: string; readonly hasSecret: boolean } | null;
  readonly database: { readonly url: string; readonly hasSecret: boolean } | null;
};

export interface ToolAnswers {
  'defaults': { readonly dataFolder: string };
  'check-folder': SetupVerdict;
  'test-nats': SetupVerdict;
  'test-database': SetupVerdict;
  'read-site': SiteChoice;
  'write-site': null;
  'diagnostics': { readonly file: string; readonly bytes: number };
}

/** Tools → main. */
export type FromTools = { readonly ok: true; readonly answer: unknown } | { readonly ok: false; readonly message: string };

/** Is this window message the wish for ports? Anything can be posted to a window. */
export function isPortWish(data: unknown): data is PortWish {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'spine:connect';
}
