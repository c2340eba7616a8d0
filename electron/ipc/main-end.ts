/** The only place where main touches IPC: channels are typed, and every message's sender is checked before it is heard. */
import { type BrowserWindow, ipcMain, type MessagePortMain, type WebFrameMain } from 'electron';
import { isOnPage } from '../addresses.ts';
import type { ToMain, ToPreload } from '../channels.ts';

/** Whom main listens to. */
export interface Trusted {
  /** The console's window, if there is one. */
  readonly window: () => BrowserWindow | null;
  /** Address of the console. */
  readonly page: string;
}

/** Hear one channel. What comes from another window, from a frame inside the page, or from a page it was led to, is dropped. */
export function hear<Channel extends keyof ToMain>(channel: Channel, { window, page }: Trusted, listener: (...args: ToMain[Channel]) => void): void {
  ipcMain.on(channel, (event, ...args) => {
    const console = window();
    if (console && isFromConsole(console, event.senderFrame, page)) listener(...(args as ToMain[Channel]));
  });
}

/** Say something to the preload of a window, with ports. */
export function say<Channel extends keyof ToPreload>(window: BrowserWindow, channel: Channel, args: ToPreload[Channel], ports: MessagePortMain[] = []): void {
  window.webContents.postMessage(channel, args, ports);
}

function isFromConsole(window: BrowserWindow, frame: WebFrameMain | null, page: string): boolean {
  return frame !== null && !window.isDestroyed() && frame === window.webContents.mainFrame && isOnPage(frame.url, page);
}
