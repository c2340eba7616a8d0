/** Tray, menu, notifications, dialogs, keyring and the like: they do nothing but tell, and are operated by the test's wishes. */
import { EventEmitter } from 'node:events';
import { type DialogKind, report } from './report.ts';

interface MenuItem {
  readonly label?: string;
  readonly checked?: boolean;
  readonly submenu?: readonly MenuItem[];
  readonly click?: (item: object) => void;
}

let applicationMenu: readonly MenuItem[] = [];
export const Menu = {
  buildFromTemplate: (template: readonly MenuItem[]) => template,
  setApplicationMenu: (menu: readonly MenuItem[]) => void (applicationMenu = menu),
};

/** Click through labels, as a hand does. A checkbox is switched before its listener hears of it. */
export function clickMenu([label, ...rest]: readonly string[], menu: readonly MenuItem[] = applicationMenu): void {
  const item = menu.find((each) => each.label === label);
  if (!item) throw new Error(`the menu has no "${label}", only ${menu.map((each) => each.label ?? '–').join(', ')}`);
  if (rest.length > 0) return clickMenu(rest, item.submenu ?? []);
  item.click?.({ ...item, checked: item.checked !== true });
}

let trayMenu: readonly MenuItem[] = [];
export const clickTray = (label: string): void => clickMenu([label], trayMenu);

interface Image {
  readonly file: string;
}
export const nativeImage = { createFromPath: (file: string): Image => ({ file }) };

export class Tray extends EventEmitter {
  #icon: string;
  #tooltip = '';

  constructor(image: Image) {
    super();
    this.#icon = image.file;
  }
  setImage(image: Image): void {
    this.#icon = image.file;
  }
  setToolTip(tooltip: string): void {
    this.#tooltip = tooltip;
  }
  setContextMenu(menu: readonly MenuItem[]): void {
    trayMenu = menu;
    report({ what: 'tray', tooltip: this.#tooltip, icon: this.#icon, labels: menu.flatMap(({ label }) => (label === undefined ? [] : [label])) });
  }
  destroy(): void {}
}

const notifications: Notification[] = [];
export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }
  readonly #words: { title: string; body: string };

  constructor(words: { title: string; body: string }) {
    super();
    this.#words = words;
  }
  show(): void {
    notifications.push(this);
    report({ what: 'notification', ...this.#words });
  }
}
export const clickNotification = (nth: number): void => void notifications[nth]?.emit('click');

const answers: Record<DialogKind, (number | string | null)[]> = { message: [], save: [], open: [], error: [] };
/** Keep what a person will answer. */
export const answerNext = (kind: DialogKind, value: number | string | null): void => void answers[kind].push(value);

interface DialogOptions {
  readonly cancelId?: number;
}
function ask(kind: DialogKind, options: object): number | string | null | undefined {
  report({ what: 'dialog', kind, options: JSON.parse(JSON.stringify(options)) as Record<string, unknown> });
  return answers[kind].shift();
}
/** Unanswered dialogs are closed. */
export const dialog = {
  showErrorBox: (title: string, content: string): void => void ask('error', { title, content }),
  showMessageBox: (options: DialogOptions) => {
    const answer = ask('message', options);
    return Promise.resolve({ response: typeof answer === 'number' ? answer : (options.cancelId ?? 0), checkboxChecked: false });
  },
  showSaveDialog: (options: object) => {
    const answer = ask('save', options);
    return Promise.resolve(typeof answer === 'string' ? { canceled: false, filePath: answer } : { canceled: true });
  },
  showOpenDialog: (options: object) => {
    const answer = ask('open', options);
    return Promise.resolve(typeof answer === 'string' ? { canceled: false, filePaths: [answer] } : { canceled: true, filePaths: [] });
  },
};

export const shell = {
  openExternal: (url: string): Promise<void> => {
    report({ what: 'opened-outside', url });
    return Promise.resolve();
  },
  openPath: () => Promise.resolve(''),
  showItemInFolder: (path: string) => report({ what: 'shown-in-folder', path }),
};
export const clipboard = { writeText: (text: string) => report({ what: 'clipboard', text }) };
export const crashReporter = { start: () => undefined };
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };

/** A keyring of the poorest kind, as Linux has it without one. Its text is not the clear text, which is all that a test needs. */
const turn = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
export const safeStorage = {
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  getSelectedStorageBackend: () => 'basic_text',
  encryptStringAsync: (text: string) => Promise.resolve(turn(Buffer.from(text))),
  decryptStringAsync: (bytes: Buffer) => Promise.resolve({ result: turn(bytes).toString(), shouldReEncrypt: false }),
};
