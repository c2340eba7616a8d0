/** Which of the things that want attention are news worth a notification. Free of Electron, so that it can be tested alone. */
import { say, t } from '../shared/i18n/translate.ts';
import type { SiteStatus } from '../shared/operator-api/index.ts';

type Attention = SiteStatus['attention'][number];

/** What went away and comes back within this is the same trouble, not a new one, ms. */
const SAME_TROUBLE_MS = 300_000;
/** More at once become one notification that says how many. */
const MOST_AT_ONCE = 3;

export interface Alert {
  readonly title: string;
  readonly body: string;
  /** Address in the console. */
  readonly path: string;
}

export class AlertPolicy {
  /** When each was last there, by the monotonic clock. */
  readonly #seen = new Map<string, number>();
  #isFirst = true;

  /**
   * News since the last look. The first look is no news: what was wrong before the app was opened stands on the Overview.
   * @param nowMs monotonic
   */
  news(attention: readonly Attention[], nowMs: number): Alert[] {
    const fresh = attention.filter(({ id, severity }) => severity !== 'info' && nowMs - (this.#seen.get(id) ?? Number.NEGATIVE_INFINITY) > SAME_TROUBLE_MS);
    for (const { id } of attention) this.#seen.set(id, nowMs);
    if (this.#isFirst) {
      this.#isFirst = false;
      return [];
    }
    if (fresh.length > MOST_AT_ONCE) return [{ title: t('{n, number} things want attention', { n: fresh.length }), body: fresh.map(say).slice(0, 4).join('\n'), path: '/' }];
    return fresh.map((thing) => ({ title: thing.severity === 'error' ? t('Something is broken') : t('Something wants attention'), body: say(thing), path: thing.link ?? '/' }));
  }
}

/** Alerts of which the things that want attention do not tell already. */
export function alertsBeside(alerts: SiteStatus['alerts']): Attention[] {
  return alerts.filter(({ kind }) => kind !== 'promise-broken' && kind !== 'part-down').map(({ id, severity, link, words }) => ({ id: `alert-${id}`, severity, link, ...words }));
}
