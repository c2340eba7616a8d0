/**
 * Access tokens of people and scripts: `spine_<id>_<secret>`, each with a name and a role. The file holds hashes only, so that
 * reading it (a backup, say) lets nobody in. A plain SHA-256 is enough: the secret is 256 random bits, not a password.
 *
 * The CLI writes the file, a running host reads it again when it has changed: a revoked token is out at once.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { readIfThere, writeDurably } from '../../embedded/durable-file.ts';
import { ConfigError, ConflictError, messageOf, NotFoundError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { Role } from '../../shared/roles.ts';

const StoredToken = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  /** Who it belongs to; the operator of the audit. */
  name: z.string().min(1).max(100),
  role: Role,
  /** SHA-256 of the secret, hex. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdMs: z.number(),
  /** Epoch ms from which on it is refused; null never. */
  expiresMs: z.number().nullable(),
});
const TokenFile = z.strictObject({ tokens: z.array(StoredToken) });

/** A token as it may be shown: without its hash. */
export type AccessToken = Omit<z.infer<typeof StoredToken>, 'hash'>;

/** Who asks. */
export interface Principal {
  readonly name: string;
  readonly role: Role;
  /** Of the token store; null for the token of this launch. */
  readonly tokenId: string | null;
}

const EXPECTED = 'what `spine tokens create` has written; restore it from a backup, or delete it to revoke all tokens';

export class TokenStore {
  readonly #file: string;
  #seen = '';
  #tokens: readonly z.infer<typeof StoredToken>[] = [];

  /** `secrets`: the folder of the site's secrets. */
  constructor(secrets: string) {
    this.#file = join(secrets, 'access-tokens.json');
  }

  /** @throws ConfigError if the file can't be understood: then nobody is let in by it. */
  list(): AccessToken[] {
    return this.#read().map(({ hash: _hash, ...shown }) => shown);
  }

  /**
   * @returns the token itself, which is shown this once and kept nowhere.
   * @throws ConflictError if the name is taken.
   */
  create(wanted: { name: string; role: Role; expiresMs: number | null }): { token: string; entry: AccessToken } {
    const tokens = this.#read();
    const { name, role, expiresMs } = wanted;
    if (tokens.some((token) => token.name === name)) throw new ConflictError(words('There is a token named "{name}" already. Revoke it first, or choose another name.', { name }));
    const id = randomBytes(4).toString('hex');
    const secret = randomBytes(32).toString('base64url');
    const entry = { id, name, role, createdMs: Date.now(), expiresMs };
    this.#write([...tokens, { ...entry, hash: hashOf(secret) }]);
    return { token: `spine_${id}_${secret}`, entry };
  }

  /** @throws NotFoundError if neither an id nor a name fits. */
  revoke(idOrName: string): AccessToken {
    const tokens = this.#read();
    const found = tokens.find(({ id, name }) => id === idOrName || name === idOrName);
    if (!found) throw new NotFoundError('access token', idOrName);
    this.#write(tokens.filter((token) => token !== found));
    const { hash: _hash, ...shown } = found;
    return shown;
  }

  /** @returns whose token it is; null if it is none of ours, revoked or expired. */
  verify(given: string): Principal | null {
    const [, id, secret] = /^spine_([0-9a-f]{8})_([\w-]{43})$/.exec(given) ?? [];
    if (id === undefined || secret === undefined) return null;
    const entry = this.#read().find((token) => token.id === id);
    if (!entry || !timingSafeEqual(Buffer.from(entry.hash, 'hex'), Buffer.from(hashOf(secret), 'hex')) || hasExpired(entry)) return null;
    return { name: entry.name, role: entry.role, tokenId: id };
  }

  /** Is a token that was good still good? */
  stillHolds(tokenId: string): boolean {
    const entry = this.#read().find(({ id }) => id === tokenId);
    return entry !== undefined && !hasExpired(entry);
  }

  #read(): readonly z.infer<typeof StoredToken>[] {
    const state = statSync(this.#file, { throwIfNoEntry: false });
    const seen = state ? `${state.ino} ${state.mtimeMs} ${state.size}` : '';
    if (seen === this.#seen) return this.#tokens;
    let tokens: readonly z.infer<typeof StoredToken>[] = [];
    if (state) {
      try {
        tokens = TokenFile.parse(JSON.parse(readIfThere(this.#file) ?? '')).tokens;
      } catch (cause) {
        throw new ConfigError(this.#file, `can't be understood (${cause instanceof z.ZodError ? 'not the fields of a token file' : messageOf(cause)})`, EXPECTED, { cause });
      }
      // Someone may have copied it back with another mode.
      if ((state.mode & 0o077) !== 0) chmodSync(this.#file, 0o600);
    }
    this.#tokens = tokens;
    this.#seen = seen;
    return tokens;
  }

  #write(tokens: readonly z.infer<typeof StoredToken>[]): void {
    writeDurably(this.#file, `${JSON.stringify({ tokens }, null, 2)}\n`, 0o600);
    this.#seen = '';
  }
}

function hasExpired({ expiresMs }: { expiresMs: number | null }): boolean {
  return expiresMs !== null && Date.now() >= expiresMs;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
