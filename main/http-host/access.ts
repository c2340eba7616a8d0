/**
 * Who may talk to the headless host: its own names only (against DNS rebinding), the same origin only (against other pages in
 * the browser), and a token: the one of this launch, or one of the token store. Tokens are in no URL and in no cookie.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { FailedLogins } from '../access/failed-logins.ts';
import { Sessions } from '../access/sessions.ts';
import type { Principal, TokenStore } from '../access/token-store.ts';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
/** Whoever has the token of this launch can read the data folder: it is their site. */
const OWNER: Principal = { name: 'console', role: 'admin', tokenId: null };

export type Verdict = { readonly principal: Principal } | { readonly refused: 'unknown' } | { readonly refused: 'too-many'; readonly retryAfterS: number };

export interface AccessOptions {
  readonly tokens: TokenStore;
  /** Names by which browsers and scripts may call this host, beside loopback. */
  readonly names: readonly string[];
  readonly tls: boolean;
}

export class Access {
  /** Good as long as this process lives. */
  readonly token = randomBytes(32).toString('base64url');
  readonly #sessions = new Sessions();
  readonly #failures = new FailedLogins();
  readonly #tokens: TokenStore;
  readonly #names: ReadonlySet<string>;
  readonly #scheme: 'http' | 'https';
  /** Cookies know no ports: two sites on one machine must not share a name. */
  #cookieName = 'spine';

  constructor({ tokens, names, tls }: AccessOptions) {
    this.#tokens = tokens;
    this.#names = new Set([...LOOPBACK_NAMES, ...names.map((name) => name.toLowerCase())]);
    this.#scheme = tls ? 'https' : 'http';
  }

  boundTo(port: number): void {
    this.#cookieName = `spine-${port}`;
  }

  /** A code that opens the console once, as `principal`; default: as the owner of the site. */
  launchCode(principal: Principal = OWNER): string {
    return this.#sessions.launchCode(principal);
  }

  /** @returns the cookie to set if the code was good; it is used up. */
  redeem(code: string): string | null {
    const session = this.#sessions.redeem(code);
    return session === null ? null : this.#cookie(session);
  }

  /** @returns the cookie of a new session. */
  openSession(principal: Principal): string {
    return this.#cookie(this.#sessions.open(principal));
  }

  /** Ends the session of a request. @returns a cookie that makes the browser forget. */
  endSession(request: IncomingMessage): string {
    const id = this.#sessionId(request);
    if (id !== undefined) this.#sessions.end(id);
    return `${this.#cookie('')}; Max-Age=0`;
  }

  /** Whose token it is. After too many wrong ones from an address, none is looked at for a while. */
  async checkToken(given: string, address: string): Promise<Verdict> {
    const retryAfterS = await this.#failures.mustWaitS(address);
    if (retryAfterS > 0) return { refused: 'too-many', retryAfterS };
    const principal = this.#isLaunchToken(given) ? OWNER : this.#tokens.verify(given);
    if (principal) {
      await this.#failures.succeeded(address);
      return { principal };
    }
    await this.#failures.failed(address);
    return { refused: 'unknown' };
  }

  /** By bearer token (scripts) or session cookie (the console). */
  async authenticate(request: IncomingMessage): Promise<Verdict> {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return this.checkToken(bearer, request.socket.remoteAddress ?? '');
    const id = this.#sessionId(request);
    const principal = id === undefined ? null : this.#sessions.use(id);
    return principal && this.stillHolds(principal) ? { principal } : { refused: 'unknown' };
  }

  /** False once the token that somebody came in by is revoked or has expired. */
  stillHolds({ tokenId }: Principal): boolean {
    return tokenId === null || this.#tokens.stillHolds(tokenId);
  }

  /** Does the host header name us? */
  knowsHost(request: IncomingMessage): boolean {
    const name = /^(\[[^\]]+\]|[^:]+)(:\d+)?$/.exec(request.headers.host ?? '')?.[1];
    return name !== undefined && this.#names.has(name.toLowerCase());
  }

  /** A browser names the page that asks: it must be ours. Scripts send no Origin. */
  sameOrigin(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined) return request.headers['sec-fetch-site'] === undefined || request.headers['sec-fetch-site'] === 'same-origin' || request.headers['sec-fetch-site'] === 'none';
    return origin === `${this.#scheme}://${host ?? ''}`;
  }

  #isLaunchToken(given: string): boolean {
    const a = Buffer.from(given);
    const b = Buffer.from(this.token);
    return a.length === b.length && timingSafeEqual(a, b);
  }

  #sessionId(request: IncomingMessage): string | undefined {
    const cookies = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
    return cookies.find(([name]) => name === this.#cookieName)?.[1];
  }

  #cookie(value: string): string {
    return `${this.#cookieName}=${value}; HttpOnly; SameSite=Strict; Path=/${this.#scheme === 'https' ? '; Secure' : ''}`;
  }
}
