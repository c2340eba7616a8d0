/** What a person should look at, worst first, each with where to go. */
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { TIER_PROMISES } from '../../shared/tiers.ts';

type Attention = SiteStatus['attention'][number];

const SEVERITY = { error: 0, warning: 1, info: 2 } as const;
const count = (n: number, one: string, many: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

export function attentionOf(status: Omit<SiteStatus, 'attention'>, more: { stuck: number; observer: boolean }): Attention[] {
  const list: Attention[] = [];
  const add = (id: string, severity: Attention['severity'], text: string, link: string | null): void => {
    list.push({ id, severity, text, link });
  };
  for (const { id, name, health, detail } of status.components) {
    if (health === 'down') add(`down-${id}`, 'error', `${name} ${detail}.`, null);
    if (health === 'degraded') add(`degraded-${id}`, 'warning', `${name}: ${detail}.`, null);
  }
  for (const { tier, verdict, late, started } of status.tiers) {
    const promise = TIER_PROMISES[tier].words;
    if (verdict === 'broken') add(`broken-${tier}`, 'error', `The ${tier} promise (${promise}) is broken: ${late.toLocaleString('en')} of ${count(started, 'job', 'jobs')} started late in 15 min.`, `/tiers?tier=${tier}`);
    if (verdict === 'at-risk') add(`at-risk-${tier}`, 'warning', `The ${tier} promise (${promise}) is at risk.`, `/tiers?tier=${tier}`);
  }
  if (status.deadLetters.waiting > 0) add('dead-letters', 'warning', `${count(status.deadLetters.waiting, 'dead letter waits', 'dead letters wait')} for a decision.`, '/dead-letters');
  if (status.setAside.total > 0) add('set-aside', 'info', `${count(status.setAside.total, 'message was', 'messages were')} set aside as no valid event.`, '/set-aside');
  if (more.stuck > 0) add('outbox-stuck', 'error', `${count(more.stuck, 'event', 'events')} in the outbox can't be published: the domain is not configured.`, null);
  if (status.outbox.oldestMs !== null && status.outbox.oldestMs > 10_000) add('outbox-old', 'warning', `The oldest event in the outbox has waited ${Math.round(status.outbox.oldestMs / 1_000)} s to be published.`, null);
  for (const { name, lag } of status.streams) if (lag !== null && lag > 10_000) add(`lag-${name}`, 'warning', `The copy ${name} is ${lag.toLocaleString('en')} events behind.`, null);
  if (more.observer) add('observer', 'info', 'This site is an observer: it runs no jobs.', null);
  return list.sort((a, b) => SEVERITY[a.severity] - SEVERITY[b.severity]);
}
