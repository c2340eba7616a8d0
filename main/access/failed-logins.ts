/** Wrong tokens are answered more and more slowly: after ten within five minutes, an address waits. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const TRIES = 10;
const WITHIN_S = 300;

export class FailedLogins {
  readonly #limiter = new RateLimiterMemory({ points: TRIES, duration: WITHIN_S, blockDuration: WITHIN_S });

  /** How long the address must wait before its tokens are looked at again, s; 0 if it need not. */
  async mustWaitS(address: string): Promise<number> {
    const state = await this.#limiter.get(address);
    return state && state.consumedPoints > TRIES - 1 ? Math.max(1, Math.ceil(state.msBeforeNext / 1_000)) : 0;
  }

  async failed(address: string): Promise<void> {
    await this.#limiter.consume(address).catch((refused: unknown) => {
      if (!(refused instanceof RateLimiterRes)) throw refused;
    });
  }

  async succeeded(address: string): Promise<void> {
    await this.#limiter.delete(address);
  }
}
