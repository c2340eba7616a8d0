/** The only place where the preload touches IPC: channels are typed. */
import { ipcRenderer } from 'electron';
import type { ToMain, ToPreload } from '../channels.ts';

export function tellMain<Channel extends keyof ToMain>(channel: Channel, ...args: ToMain[Channel]): void {
  ipcRenderer.send(channel, ...args);
}

/** Hear one channel, with the ports that came along. */
export function hearMain<Channel extends keyof ToPreload>(channel: Channel, listener: (ports: MessagePort[], ...args: ToPreload[Channel]) => void): void {
  ipcRenderer.on(channel, (event, args) => listener(event.ports as MessagePort[], ...(args as ToPreload[Channel])));
}
