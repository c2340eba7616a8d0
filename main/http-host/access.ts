/**
 * Who may talk to the headless host: loopback names only (against DNS rebinding), the same origin only (against other
 * pages in the browser), and a token that lives as long as the process.
 *
 * The token itself is in no URL: the launch link carries a code that works once and is exchanged for a cookie.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
const CODE_BYTES = 24;

export class Access {
  readonly token = randomBytes(32).toString('base64url');
  readonly #codes = new Set<string>();
  /** Cookies know no ports: two sites on one machine must not share a name. */
  #cookieName = 'spine';

  boundTo(port: number): void {
    this.#cookieName = `spine-${port}`;
  }

  /** A code that opens the console once. */
  launchCode(): string {
    const code = randomBytes(CODE_BYTES).toString('base64url');
    this.#codes.add(code);
    return code;
  }

  /** @returns the cookie to set if the code was good; it is used up. */
  redeem(code: string): string | null {
    return this.#codes.delete(code) ? this.sessionCookie() : null;
  }

  sessionCookie(): string {
    return `${this.#cookieName}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  isToken(given: string): boolean {
    const a = Buffer.from(given);
    const b = Buffer.from(this.token);
    return a.length === b.length && timingSafeEqual(a, b);
  }

  /** Is the host header one of this machine's own names? */
  fromHere(request: IncomingMessage): boolean {
    return LOOPBACK.test(request.headers.host ?? '');
  }

  /** A browser names the page that asks: it must be ours. Scripts send no Origin. */
  sameOrigin(request: IncomingMessage): boolean {
    const { origin, host } = request.headers;
    if (origin === undefined) return request.headers['sec-fetch-site'] === undefined || request.headers['sec-fetch-site'] === 'same-origin' || request.headers['sec-fetch-site'] === 'none';
    return origin === `http://${host ?? ''}`;
  }

  /** By bearer token (scripts) or session cookie (the console). */
  authenticated(request: IncomingMessage): boolean {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (bearer !== undefined) return this.isToken(bearer);
    const cookies = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
    return cookies.some(([name, value]) => name === this.#cookieName && value !== undefined && this.isToken(value));
  }
}
