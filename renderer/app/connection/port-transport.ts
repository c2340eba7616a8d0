/** The wires of the desktop app: ports that the preload hands over, one to the services, one to the app itself. */
import type { ClientContext, ClientOptions } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { t } from '../../../shared/i18n/translate.ts';
import type { Transport, WireState } from './transport.ts';

/** At whose other end a port is; the words of the preload. */
export type PortEnd = 'services' | 'shell';

/** A transport over whichever port to this end came last. */
export function portTransport(end: PortEnd): Transport {
  let current: PortLink<ClientContext> | null = null;
  const listeners = new Set<(state: WireState) => void>();
  const tell = (state: WireState): void => listeners.forEach((listener) => listener(state));

  window.addEventListener('message', (message: MessageEvent<unknown>) => {
    if (message.source !== window || endOf(message.data) !== end) return;
    const port = message.ports[0];
    if (!port) return;
    const link = new PortLink<ClientContext>({ port });
    // The services were restarted when a second port arrives: the first one is dead by then.
    current = link;
    port.addEventListener('close', () => {
      if (current !== link) return;
      current = null;
      tell('closed');
    });
    port.start();
    tell('open');
  });
  askForPorts();

  return {
    kind: 'port',
    link: {
      call(path: readonly string[], input: unknown, options: ClientOptions<ClientContext>): Promise<unknown> {
        if (!current) return Promise.reject(new Error(t('The services are not connected yet.')));
        return current.call(path, input, options);
      },
    },
    onChange(listener) {
      listeners.add(listener);
      if (current) listener('open');
      return () => listeners.delete(listener);
    },
    reconnect: askForPorts,
  };
}

let isAsking = false;
/** One wish brings the ports to both ends, so wishes of the same moment are one. */
function askForPorts(): void {
  if (isAsking) return;
  isAsking = true;
  setTimeout(() => {
    isAsking = false;
    window.postMessage({ type: 'spine:connect' }, location.origin === 'null' ? '*' : location.origin);
  }, 0);
}

function endOf(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === 'spine:port' && 'to' in data ? data.to : null;
}
