/**
 * What Electron puts into a page, written as functions whose source is sent to Chromium. They can use nothing from outside.
 *
 * The preload runs in an isolated world, a separate JavaScript realm on the same document, just as in Electron.
 */

/** From the shell to the isolated world. */
export type ToPreload =
  | { readonly channel: string; readonly args: readonly unknown[]; readonly ports: readonly number[] }
  | { readonly port: number; readonly data: unknown }
  | { readonly closed: number };
/** From the isolated world to the shell. */
export type FromPreload =
  | { readonly channel: string; readonly args: readonly unknown[] }
  | { readonly port: number; readonly data: unknown };

export interface PreloadFacts {
  readonly platform: string;
  readonly versions: Record<string, string>;
}

type Listener = (event: { ports: readonly MessagePort[] }, ...args: readonly unknown[]) => void;
interface IsolatedWorld {
  /** The binding that CDP adds to this world only. */
  __ipc(json: string): void;
  __deliver(message: ToPreload): void;
  __require(name: string): unknown;
  __process: unknown;
}

/** Runs in the isolated world: what a sandboxed preload may require, and nothing more. */
export function isolatedWorld(facts: PreloadFacts): void {
  const world = globalThis as unknown as IsolatedWorld;
  const listeners = new Map<string, Listener[]>();
  const ports = new Map<number, MessagePort>();
  const send = (message: FromPreload): void => world.__ipc(JSON.stringify(message));

  const open = (number: number): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    ports.set(number, port1);
    port1.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== 'string') throw new Error('the double carries text over ports, nothing else');
      send({ port: number, data });
    });
    port1.start();
    return port2;
  };

  world.__deliver = (message) => {
    if ('closed' in message) {
      ports.get(message.closed)?.close();
      ports.delete(message.closed);
    } else if ('port' in message) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
      ports.get(message.port)?.postMessage(message.data);
    } else {
      const opened = message.ports.map(open);
      for (const listener of listeners.get(message.channel) ?? []) listener({ ports: opened }, ...message.args);
    }
  };
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => document.dispatchEvent(new CustomEvent('double:expose', { detail: JSON.stringify({ name, value }) })),
    },
    ipcRenderer: {
      on: (channel: string, listener: Listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
      send: (channel: string, ...args: unknown[]) => send({ channel, args }),
    },
  };
  world.__require = (name) => {
    if (name !== 'electron') throw new Error(`module not found: ${name}`);
    return electron;
  };
  world.__process = { platform: facts.platform, versions: facts.versions, env: {}, sandboxed: true, contextIsolated: true };
}

/** Runs in the page's own world: receives what the context bridge exposes (data only here), frozen as Electron does. */
export function pageWorld(): void {
  const freeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  document.addEventListener('double:expose', (event) => {
    const { name, value } = JSON.parse((event as CustomEvent<string>).detail) as { name: string; value: unknown };
    Object.defineProperty(globalThis, name, { value: freeze(value), enumerable: true });
  });
}

/** The isolated world's script: its furnishing, then the built preload as a CommonJS module. */
export function preloadScript(facts: PreloadFacts, preload: string): string {
  return `(${isolatedWorld.toString()})(${JSON.stringify(facts)});\n(function (require, process, exports, module) {${preload}\n})(__require, __process, {}, {});`;
}

export const pageScript = `(${pageWorld.toString()})();`;
