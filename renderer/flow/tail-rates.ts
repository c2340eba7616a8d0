/** How many events were shown, matched and seen lately: the honest line under the tail. */
import { t } from '../../shared/i18n/translate.ts';
import { formatRate } from '../kit/format.ts';

/** Rates are taken over this much time, so that they don't flicker. */
const WINDOW_MS = 3_000;

interface Sample {
  readonly at: number;
  readonly shown: number;
  readonly matched: number;
  readonly seen: number;
}

export interface Rates {
  readonly shown: number;
  readonly matched: number;
  readonly seen: number;
}

/** Sums of the last seconds. Times are given in, so that it can be tested without waiting. */
export class TailRates {
  #samples: Sample[] = [];

  add(at: number, counts: Rates): void {
    this.#samples.push({ at, ...counts });
    this.#forget(at);
  }

  /** Per second over the window that ends at `now`. */
  at(now: number): Rates {
    this.#forget(now);
    const sum = { shown: 0, matched: 0, seen: 0 };
    for (const sample of this.#samples) {
      sum.shown += sample.shown;
      sum.matched += sample.matched;
      sum.seen += sample.seen;
    }
    const seconds = WINDOW_MS / 1_000;
    return { shown: sum.shown / seconds, matched: sum.matched / seconds, seen: sum.seen / seconds };
  }

  #forget(now: number): void {
    const keep = this.#samples.findIndex(({ at }) => at > now - WINDOW_MS);
    if (keep !== 0) this.#samples = keep < 0 ? [] : this.#samples.slice(keep);
  }
}

/** In words: what is shown of what matched, and of all there was. */
export function rateWords(rates: Rates, filtered: boolean): string {
  const rate = formatRate(rates.matched);
  const all = filtered ? ` · ${t('{rate}/s on the bus', { rate: formatRate(rates.seen) })}` : '';
  if (rates.matched === 0) return (filtered ? t('{rate} events/s match', { rate }) : t('{rate} events/s', { rate })) + all;
  // A tenth of an event a second is rounding, not sampling.
  if (rates.matched - rates.shown < 0.1) return t('{rate} events/s, all shown', { rate }) + all;
  return t('showing {shown}/s of {rate}/s', { shown: formatRate(rates.shown), rate }) + all;
}
