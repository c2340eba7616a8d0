/** Runs in the child process before the entry: gives it `process.parentPort`. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import { MessageChannelMain, PortBridge } from './ports.ts';
import type { Crossing } from './utility-process.ts';

const send = (message: Crossing): void => {
  if (process.connected) process.send?.(message);
};
const bridge = new PortBridge(send);

class ParentPort extends EventEmitter {
  postMessage(data: unknown): void {
    send({ data, ports: [] });
  }
}

const parentPort = new ParentPort();
/** Messages wait until somebody listens, as in Electron: the entry is still being loaded when the first ones come. */
const early: { data: unknown; ports: unknown[] }[] = [];
parentPort.on('newListener', (name) => {
  if (name === 'message' && early.length > 0) setImmediate(() => early.splice(0).forEach((event) => parentPort.emit('message', event)));
});

process.on('message', (message: Crossing) => {
  if ('closed' in message) return bridge.closed(message.closed);
  if ('port' in message) return bridge.arrived(message.port, message.data);
  const ports = message.ports.map((number) => {
    const { port1, port2 } = new MessageChannelMain();
    bridge.carry(port1, number);
    return port2;
  });
  const event = { data: message.data, ports };
  if (parentPort.listenerCount('message') > 0) parentPort.emit('message', event);
  else early.push(event);
});
// Electron ends a utility process whose browser process is gone.
process.on('disconnect', () => process.exit(1));

Object.defineProperty(process, 'parentPort', { value: parentPort, enumerable: true });
const [, , entry = '', ...args] = process.argv;
process.argv.splice(1, Infinity, entry, ...args);
await import(pathToFileURL(entry).href);
