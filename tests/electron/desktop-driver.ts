/** How the specs of the desktop app operate it: on the double of Electron, or on the real runtime. */
import type { Page } from 'playwright-core';
import type { DialogKind, Report } from './double/report.ts';

export interface LaunchOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Go on with the folder of an app that has ended. */
  readonly folder?: string;
  /** The first run of all: no environment says where the site is. Default: its folder is given, so that there is no wizard. */
  readonly wizard?: boolean;
}

export interface Notice {
  readonly title: string;
  readonly body: string;
}

export interface DesktopDriver {
  /** Everything of this launch is in here: profile and data folder. */
  readonly folder: string;
  /** What app and services printed. */
  readonly output: string;
  page(): Promise<Page>;
  /** Process id of the services; waits until it is another than `before`. */
  servicesPid(before?: number): Promise<number>;
  clickMenu(...path: string[]): Promise<void>;
  closeWindow(): Promise<void>;
  isWindowShown(): Promise<boolean>;
  /** Start the app a second time. @returns how that second one ended. */
  startSecond(...args: string[]): Promise<number | null>;
  /** Addresses that were handed to the system. */
  openedOutside(): Promise<string[]>;
  notifications(): Promise<Notice[]>;
  clickNotification(nth: number): Promise<void>;
  /** What a person answers to the next dialog of this kind: a button's number, a path. */
  answer(kind: DialogKind, value: number | string | null): Promise<void>;
  dialogs(kind: DialogKind): Promise<Record<string, unknown>[]>;
  /** A port to the page was asked for by a frame that is not the console's. @returns how many ports were given. */
  forge(frameUrl: string): Promise<number>;
  /** Something that a page tries: is it prevented? */
  isPrevented(event: 'will-frame-navigate' | 'will-redirect' | 'will-attach-webview', url: string): Promise<boolean>;
  /** Processes of the servers on the data folder. */
  servers(): number[];
  signal(signal: NodeJS.Signals): void;
  ended(): Promise<number | null>;
  /** End everything; `keep` leaves the folder for another launch. */
  dispose(options?: { keep?: boolean }): Promise<void>;
  /** What only the double can tell; null on the real runtime. */
  readonly double: { reports<What extends Report['what']>(what: What): Extract<Report, { what: What }>[]; clickTray(label: string): void } | null;
}

/** The page of the window, and complaints in it. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return complaints;
}
