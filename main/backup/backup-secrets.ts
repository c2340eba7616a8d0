/** Secrets of a backup: encrypted with a passphrase (scrypt, AES-256-GCM), or not in it at all. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import * as z from 'zod';
import { ConfigError } from '../../shared/errors.ts';

/** OWASP's recommendation for scrypt: N 2^17, r 8, p 1 (128 MiB). */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1_024 * 1_024 } as const;
export const SHORTEST_PASSPHRASE = 12;

const base64 = z.base64();
const Sealed = z.object({ kdf: z.literal('scrypt-17-8-1'), cipher: z.literal('aes-256-gcm'), salt: base64, iv: base64, tag: base64, data: base64 });
const Files = z.record(z.string(), base64);

/** Files by path, sealed. @throws ConfigError if the passphrase is too short to protect them. */
export function sealSecrets(files: ReadonlyMap<string, Uint8Array>, passphrase: string): Uint8Array {
  if (passphrase.length < SHORTEST_PASSPHRASE) throw new ConfigError('backup.passphrase', `has ${passphrase.length} characters`, `at least ${SHORTEST_PASSPHRASE}`);
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', scryptSync(passphrase, salt, 32, SCRYPT), iv);
  const plain = JSON.stringify(Object.fromEntries([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')])));
  const data = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const sealed: z.infer<typeof Sealed> = {
    kdf: 'scrypt-17-8-1', cipher: 'aes-256-gcm', salt: salt.toString('base64'), iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), data: data.toString('base64'),
  };
  return Buffer.from(`${JSON.stringify(sealed)}\n`);
}

/** @throws ConfigError if it is not the passphrase that they were sealed with, or they have been changed. */
export function openSecrets(sealed: Uint8Array, passphrase: string): Map<string, Uint8Array> {
  const { salt, iv, tag, data } = Sealed.parse(JSON.parse(Buffer.from(sealed).toString('utf8')));
  const from = (text: string): Buffer => Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', scryptSync(passphrase, from(salt), 32, SCRYPT), from(iv)).setAuthTag(from(tag));
  try {
    const plain = Buffer.concat([decipher.update(from(data)), decipher.final()]).toString('utf8');
    return new Map(Object.entries(Files.parse(JSON.parse(plain))).map(([path, text]) => [path, from(text)]));
  } catch (cause) {
    throw new ConfigError('passphrase', 'does not open the secrets of this backup', 'the one that the backup was made with', { cause });
  }
}
