/**
 * Runs before the console, in a world of its own: passes the wish for ports out and the ports in. The page gets no other
 * way to reach the app.
 */
import { contextBridge } from 'electron';
import { isPortWish, type PortDelivery, type SpineShell } from './channels.ts';
import { hearMain, tellMain } from './ipc/preload-end.ts';

const shell: SpineShell = { platform: process.platform, versions: { electron: process.versions.electron ?? '', chrome: process.versions.chrome ?? '' } };
contextBridge.exposeInMainWorld('spineShell', shell);

window.addEventListener('message', (message: MessageEvent<unknown>) => {
  if (message.source === window && isPortWish(message.data)) tellMain('spine:connect');
});

// A port can't cross the context bridge; the window itself carries it, to this origin only.
hearMain('spine:port', (ports, to) => {
  const delivery: PortDelivery = { type: 'spine:port', to };
  window.postMessage(delivery, '/', ports);
});
