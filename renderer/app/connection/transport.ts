/**
 * The wire between page and services: a WebSocket in the browser, a MessagePort in the desktop app.
 * Either may go and come back; `link` always speaks through the one that is up.
 */
import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { WebSocket as ReconnectingSocket } from 'partysocket';
import { portTransport } from './port-transport.ts';

type Context = ClientContext;

/** `refused`: the host is there, but does not know this browser. */
export type WireState = 'open' | 'closed' | 'refused';

/** Close code by which the headless host says that there is no session. */
const NO_SESSION = 4401;

export interface Transport {
  readonly kind: 'socket' | 'port';
  readonly link: ClientLink<Context>;
  /** Called whenever the wire opens or closes; returns a function that stops it. */
  onChange(listener: (state: WireState) => void): () => void;
  /** Forget the backoff and try at once. */
  reconnect(): void;
}

/** Choose the wire by where the page runs. */
export function createTransport(): Transport {
  return window.spineShell === undefined ? socketTransport() : portTransport('services');
}

function socketTransport(): Transport {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new ReconnectingSocket(`${scheme}://${location.host}/rpc`, [], {
    minReconnectionDelay: 250,
    maxReconnectionDelay: 5_000,
    reconnectionDelayGrowFactor: 1.5,
    connectionTimeout: 5_000,
    // A call made while the wire is down fails and is repeated by whoever made it; sending it later would surprise.
    maxEnqueuedMessages: 0,
  });
  const link = new SocketLink<Context>({ websocket: socket as unknown as WebSocket });
  return {
    kind: 'socket',
    link,
    onChange(listener) {
      const opened = (): void => listener('open');
      const closed = (event: { code: number }): void => listener(event.code === NO_SESSION ? 'refused' : 'closed');
      socket.addEventListener('open', opened);
      socket.addEventListener('close', closed);
      if (socket.readyState === socket.OPEN) listener('open');
      return () => {
        socket.removeEventListener('open', opened);
        socket.removeEventListener('close', closed);
      };
    },
    reconnect: () => socket.reconnect(),
  };
}
