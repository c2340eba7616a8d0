/**
 * Backpressure: when a tier has more waiting than it may, routing stops pulling. Events then wait in the stream, which is
 * made for it, instead of filling the job tables; nothing is lost, and the console says so. Judged by the view, each second.
 */
import { type Phrase, words } from '../../shared/i18n/translate.ts';
import { TIERS, type Tier } from '../../shared/tiers.ts';

/** What may wait in a tier before routing holds. */
export interface BackpressureLimit {
  readonly waiting: number;
  /** Age of the oldest waiting job, ms. */
  readonly oldestMs: number;
}
export type BackpressureLimits = Readonly<Record<Tier, BackpressureLimit>>;

export interface TierLoad {
  readonly tier: Tier;
  readonly waiting: number;
  readonly oldestMs: number | null;
}

/** Routing holds because of this tier. */
export interface Hold {
  readonly tier: Tier;
  readonly sinceMs: number;
  /** In words: what is over which limit. */
  readonly why: Phrase;
}

/** Loads by tier, from counts of jobs by queue and state. */
export function tierLoads(counts: readonly { tier: Tier; state: string; count: number; oldestMs: number | null }[], nowMs: number): TierLoad[] {
  return TIERS.map((tier) => {
    const waiting = counts.filter((row) => row.tier === tier && row.state === 'waiting');
    const since = waiting.flatMap(({ oldestMs }) => (oldestMs === null ? [] : [oldestMs]));
    return { tier, waiting: waiting.reduce((sum, { count }) => sum + count, 0), oldestMs: since.length > 0 ? Math.max(0, nowMs - Math.min(...since)) : null };
  });
}

/** Pulling goes on once a load is below this share of its limit, so that it does not flutter. */
const RESUME_BELOW = 0.8;

/** Hold or not, by the load of every tier. A hold lasts until its tier is well below its limits. */
export function judgeLoad(loads: readonly TierLoad[], limits: BackpressureLimits, held: Hold | null, nowMs: number): Hold | null {
  for (const tier of held ? [held.tier, ...TIERS.filter((other) => other !== held.tier)] : TIERS) {
    const load = loads.find((one) => one.tier === tier);
    if (!load) continue;
    const share = held?.tier === tier ? RESUME_BELOW : 1;
    const limit = limits[tier];
    const sinceMs = held?.tier === tier ? held.sinceMs : nowMs;
    if (load.waiting > limit.waiting * share) return { tier, sinceMs, why: words('{waiting, number} {tier} jobs wait; the limit is {limit, number}', { waiting: load.waiting, tier, limit: limit.waiting }) };
    if (load.oldestMs !== null && load.oldestMs > limit.oldestMs * share) {
      return { tier, sinceMs, why: words('the oldest {tier} job has waited {waited, number} min; the limit is {limit, number} min', { tier, waited: minutes(load.oldestMs), limit: minutes(limit.oldestMs) }) };
    }
  }
  return null;
}

const minutes = (ms: number): number => Math.round(ms / 60_000);

export interface BackpressureOptions {
  readonly limits: BackpressureLimits;
  readonly measure: () => Promise<TierLoad[]>;
  /** Called when a hold begins, changes or ends (null). */
  readonly onChange: (hold: Hold | null) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

const LOOK_MS = 1_000;

export class Backpressure {
  readonly #options: BackpressureOptions;
  #hold: Hold | null = null;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: BackpressureOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { measure, limits, onChange, onError } = this.#options;
    try {
      const hold = judgeLoad(await measure(), limits, this.#hold, Date.now());
      if (hold?.why.text === this.#hold?.why.text) return;
      this.#hold = hold;
      await onChange(hold);
    } catch (error) {
      onError(error);
    }
  }
}
