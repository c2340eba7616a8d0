/** What a person should look at, worst first, each with where to go. */
import { type Words, words } from '../../shared/i18n/translate.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { TIER_PROMISES } from '../../shared/tiers.ts';

type Attention = SiteStatus['attention'][number];

const SEVERITY = { error: 0, warning: 1, info: 2 } as const;

export function attentionOf(status: Omit<SiteStatus, 'attention'>, more: { stuck: number; observer: boolean }): Attention[] {
  const list: Attention[] = [];
  const add = (id: string, severity: Attention['severity'], sentence: Words, link: string | null): void => {
    list.push({ id, severity, ...sentence, link });
  };
  for (const { id, name, health, detail } of status.components) {
    if (health === 'down') add(`down-${id}`, 'error', words('{part} {problem}.', { part: words(name), problem: detail }), null);
    if (health === 'degraded') add(`degraded-${id}`, 'warning', words('{part}: {problem}.', { part: words(name), problem: detail }), null);
  }
  for (const { tier, verdict, late, started } of status.tiers) {
    const promise = words(TIER_PROMISES[tier].words);
    if (verdict === 'broken') add(`broken-${tier}`, 'error', words('The {tier} promise ({promise}) is broken: {late, number} of {started, plural, one {# job} other {# jobs}} started late in 15 min.', { tier, promise, late, started }), `/tiers?tier=${tier}`);
    if (verdict === 'at-risk') add(`at-risk-${tier}`, 'warning', words('The {tier} promise ({promise}) is at risk.', { tier, promise }), `/tiers?tier=${tier}`);
  }
  if (status.deadLetters.waiting > 0) add('dead-letters', 'warning', words('{n, plural, one {# dead letter waits} other {# dead letters wait}} for a decision.', { n: status.deadLetters.waiting }), '/dead-letters');
  if (status.setAside.total > 0) add('set-aside', 'info', words('{n, plural, one {# message was} other {# messages were}} set aside as no valid event.', { n: status.setAside.total }), '/set-aside');
  if (more.stuck > 0) add('outbox-stuck', 'error', words('{n, plural, one {# event} other {# events}} in the outbox can\'t be published: the domain is not configured.', { n: more.stuck }), null);
  if (status.outbox.oldestMs !== null && status.outbox.oldestMs > 10_000) add('outbox-old', 'warning', words('The oldest event in the outbox has waited {seconds, number} s to be published.', { seconds: Math.round(status.outbox.oldestMs / 1_000) }), null);
  for (const { name, lag } of status.streams) if (lag !== null && lag > 10_000) add(`lag-${name}`, 'warning', words('The copy {stream} is {n, number} events behind.', { stream: name, n: lag }), null);
  if (more.observer) add('observer', 'info', words('This site is an observer: it runs no jobs.'), null);
  return list.sort((a, b) => SEVERITY[a.severity] - SEVERITY[b.severity]);
}
