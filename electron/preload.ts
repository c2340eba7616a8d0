/**
 * Runs before the console, in a world of its own: passes the wish for a port out and the port in. The page gets no other
 * way to reach the app.
 */
import { contextBridge, ipcRenderer } from 'electron';
import { IPC, isPortWish, type PortDelivery, type SpineShell } from './channels.ts';

const shell: SpineShell = { platform: process.platform, versions: { electron: process.versions.electron ?? '', chrome: process.versions.chrome ?? '' } };
contextBridge.exposeInMainWorld('spineShell', shell);

window.addEventListener('message', (message: MessageEvent<unknown>) => {
  if (message.source === window && isPortWish(message.data)) ipcRenderer.send(IPC.connect);
});

// A port can't cross the context bridge; the window itself carries it, to this origin only.
ipcRenderer.on(IPC.port, (event) => {
  const delivery: PortDelivery = { type: 'spine:port' };
  window.postMessage(delivery, '/', event.ports);
});
