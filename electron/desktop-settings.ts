/** What the app remembers for this user: `desktop.json` in its app-data folder. Of the site, only where it is. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const Bounds = z.object({ x: z.int(), y: z.int(), width: z.int().min(100), height: z.int().min(100) });
export type Bounds = z.infer<typeof Bounds>;

const Settings = z.object({
  /** Where the wizard put the site; null before it was run. */
  dataFolder: z.string().min(1).nullable().catch(null),
  window: z.object({ bounds: Bounds, maximized: z.boolean() }).nullable().catch(null),
  closeToTray: z.boolean().catch(true),
  /** The hint that closing leaves the site running was given. */
  trayHintGiven: z.boolean().catch(false),
  notifications: z.boolean().catch(true),
  startAtLogin: z.boolean().catch(false),
  /** A site server or the packaged default is asked for updates. */
  updateUrl: z.url().nullable().catch(null),
});
export type DesktopSettings = z.infer<typeof Settings>;

export class SettingsStore {
  readonly #file: string;
  #settings: DesktopSettings;

  /** Settings that can't be read are their defaults: a damaged file must not keep the console from opening. */
  constructor(folder: string) {
    this.#file = join(folder, 'desktop.json');
    let raw: unknown = {};
    try {
      raw = JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      // The first start, or damage.
    }
    this.#settings = Settings.parse(typeof raw === 'object' && raw !== null ? raw : {});
  }

  get now(): DesktopSettings {
    return this.#settings;
  }

  /** Change some and keep them. */
  change(part: Partial<DesktopSettings>): void {
    this.#settings = { ...this.#settings, ...part };
    mkdirSync(join(this.#file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}.new`, JSON.stringify(this.#settings, null, 2), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}
