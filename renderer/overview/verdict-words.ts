/** The one line that answers "is the site healthy?". Pure. */
import { t } from '../../shared/i18n/translate.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { formatList } from '../kit/format.ts';

/** Worst first: parts that are down, promises that are broken, then what waits for a person. */
export function verdictWords(site: Pick<SiteStatus, 'components' | 'tiers' | 'deadLetters' | 'setAside'>): string {
  const sentences: string[] = [];
  const named = (health: string): string[] => site.components.filter((part) => part.health === health).map((part) => t(part.name));
  const tiers = (verdict: string): string[] => site.tiers.filter((tier) => tier.verdict === verdict).map((tier) => tier.tier);

  const down = named('down');
  const degraded = named('degraded');
  const starting = named('starting');
  if (down.length > 0) sentences.push(t('Down: {parts}.', { parts: formatList(down) }));
  if (degraded.length > 0) sentences.push(t('Degraded: {parts}.', { parts: formatList(degraded) }));
  if (starting.length > 0) sentences.push(t('Starting: {parts}.', { parts: formatList(starting) }));

  const broken = tiers('broken');
  const atRisk = tiers('at-risk');
  const kept = tiers('kept');
  if (broken.length > 0) sentences.push(t('The {tiers} {n, plural, one {promise is} other {promises are}} broken.', { tiers: formatList(broken), n: broken.length }));
  if (atRisk.length > 0) sentences.push(t('The {tiers} {n, plural, one {promise is} other {promises are}} at risk.', { tiers: formatList(atRisk), n: atRisk.length }));
  if (broken.length + atRisk.length === 0) {
    if (kept.length > 0) sentences.push(kept.length === site.tiers.length ? t('All {n, number} promises kept.', { n: kept.length }) : t('{n, plural, one {# promise} other {# promises}} kept, nothing to judge the others by.', { n: kept.length }));
    else if (sentences.length === 0) sentences.push(t('All parts are up; no job has started in the last 15 minutes.'));
  }

  if (site.deadLetters.waiting > 0) sentences.push(t('{n, plural, one {# dead letter waits} other {# dead letters wait}} for a decision.', { n: site.deadLetters.waiting }));
  else if (down.length === 0) sentences.push(t('No dead letters.'));
  if (site.setAside.total > 0) sentences.push(t('{n, plural, one {# message} other {# messages}} set aside.', { n: site.setAside.total }));
  return sentences.join(' ');
}
