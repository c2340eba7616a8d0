/** Secrets that the wizard was given, encrypted with the system's keyring: `vault.json` in the app-data folder. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { safeStorage } from 'electron';
import * as z from 'zod';
import { words } from '../shared/i18n/translate.ts';
import type { SecretKeeping } from '../shared/desktop-api.ts';
import { UnavailableError } from '../shared/errors.ts';

/** Encrypted values in base64, by name. */
const Vault = z.record(z.string(), z.string());

export class SecretVault {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, 'vault.json');
  }

  /** How a secret would be kept on this machine. Call after the app is ready. */
  async keeping(): Promise<SecretKeeping> {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) {
      return { how: 'none', words: words('This system offers no place for secrets. Use an address without a password, or a configuration file that names a variable or a file.') };
    }
    if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') {
      return { how: 'obfuscated', words: words('This system has no keyring: secrets are only obfuscated, and whoever can read your files can read them. Install gnome-keyring or KWallet to have them encrypted.') };
    }
    return { how: 'keyring', words: words('Secrets are encrypted with a key from this system’s keyring.') };
  }

  /** Keep these and forget all others. @throws UnavailableError if the system can't encrypt. */
  async keep(secrets: Readonly<Record<string, string>>): Promise<void> {
    const entries = Object.entries(secrets);
    if (entries.length === 0) return rmSync(this.#file, { force: true });
    if (!(await safeStorage.isAsyncEncryptionAvailable())) throw new UnavailableError('the vault', 'this system offers no place for secrets', 'Leave the password out and configure { env: … } or { file: … } in spine.yaml.');
    const encrypted: [string, string][] = [];
    for (const [name, value] of entries) encrypted.push([name, (await safeStorage.encryptStringAsync(value)).toString('base64')]);
    mkdirSync(join(this.#file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#file}.new`, JSON.stringify(Object.fromEntries(encrypted)), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** All of them in clear. @throws UnavailableError if the keyring can't open them any more. */
  async open(): Promise<Record<string, string>> {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch {
      return {};
    }
    try {
      const secrets: Record<string, string> = {};
      let isOld = false;
      for (const [name, encrypted] of Object.entries(Vault.parse(JSON.parse(text)))) {
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(Buffer.from(encrypted, 'base64'));
        secrets[name] = result;
        isOld ||= shouldReEncrypt;
      }
      // The system changed its key, or a keyring has been installed since.
      if (isOld) await this.keep(secrets);
      return secrets;
    } catch (cause) {
      throw new UnavailableError('the vault', `the secrets in ${this.#file} can’t be decrypted`, 'Unlock this system’s keyring and try again, or change the setup and type them again.', { cause });
    }
  }
}
