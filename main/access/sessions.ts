/**
 * Sessions of browsers: a cookie holds a random id and never a token, and a launch link a code that works once. Both live in
 * memory: when the host starts again, everybody signs in again.
 */
import { randomBytes } from 'node:crypto';
import type { Principal } from './token-store.ts';

/** A session that nobody uses ends after this, ms. */
const IDLE_MS = 12 * 3_600_000;
/** A launch link that nobody opens ends after this, ms. */
const CODE_MS = 3_600_000;

const random = (): string => randomBytes(32).toString('base64url');

export class Sessions {
  readonly #sessions = new Map<string, { readonly principal: Principal; usedAt: number }>();
  readonly #codes = new Map<string, { readonly principal: Principal; readonly madeAt: number }>();

  /** A code that opens the console once, as its owner. */
  launchCode(principal: Principal): string {
    const code = random();
    this.#codes.set(code, { principal, madeAt: performance.now() });
    return code;
  }

  /** @returns the id of a new session, if the code was good; it is used up. */
  redeem(code: string): string | null {
    const made = this.#codes.get(code);
    this.#codes.delete(code);
    return made && performance.now() - made.madeAt < CODE_MS ? this.open(made.principal) : null;
  }

  open(principal: Principal): string {
    for (const [id, { usedAt }] of this.#sessions) if (performance.now() - usedAt > IDLE_MS) this.#sessions.delete(id);
    const id = random();
    this.#sessions.set(id, { principal, usedAt: performance.now() });
    return id;
  }

  /** Whose session it is; null if there is none by this id. Using it keeps it alive. */
  use(id: string): Principal | null {
    const session = this.#sessions.get(id);
    if (!session) return null;
    if (performance.now() - session.usedAt > IDLE_MS) {
      this.#sessions.delete(id);
      return null;
    }
    session.usedAt = performance.now();
    return session.principal;
  }

  end(id: string): void {
    this.#sessions.delete(id);
  }
}
