/** The one line that answers "is the site healthy?". Pure. */
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { countOf } from '../kit/format.ts';

const list = (names: readonly string[]): string => (names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`);

/** Worst first: parts that are down, promises that are broken, then what waits for a person. */
export function verdictWords(site: Pick<SiteStatus, 'components' | 'tiers' | 'deadLetters' | 'setAside'>): string {
  const sentences: string[] = [];
  const named = (health: string): string[] => site.components.filter((part) => part.health === health).map((part) => part.name);
  const tiers = (verdict: string): string[] => site.tiers.filter((tier) => tier.verdict === verdict).map((tier) => tier.tier);

  const down = named('down');
  const degraded = named('degraded');
  const starting = named('starting');
  if (down.length > 0) sentences.push(`Down: ${list(down)}.`);
  if (degraded.length > 0) sentences.push(`Degraded: ${list(degraded)}.`);
  if (starting.length > 0) sentences.push(`Starting: ${list(starting)}.`);

  const broken = tiers('broken');
  const atRisk = tiers('at-risk');
  const kept = tiers('kept');
  if (broken.length > 0) sentences.push(`The ${list(broken)} ${broken.length === 1 ? 'promise is' : 'promises are'} broken.`);
  if (atRisk.length > 0) sentences.push(`The ${list(atRisk)} ${atRisk.length === 1 ? 'promise is' : 'promises are'} at risk.`);
  if (broken.length + atRisk.length === 0) {
    if (kept.length > 0) sentences.push(kept.length === site.tiers.length ? `All ${kept.length} promises kept.` : `${countOf(kept.length, 'promise')} kept, nothing to judge the others by.`);
    else if (sentences.length === 0) sentences.push('All parts are up; no job has started in the last 15 minutes.');
  }

  if (site.deadLetters.waiting > 0) sentences.push(`${countOf(site.deadLetters.waiting, 'dead letter')} ${site.deadLetters.waiting === 1 ? 'waits' : 'wait'} for a decision.`);
  else if (down.length === 0) sentences.push('No dead letters.');
  if (site.setAside.total > 0) sentences.push(`${countOf(site.setAside.total, 'message')} set aside.`);
  return sentences.join(' ');
}
