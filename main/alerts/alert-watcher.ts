/**
 * The alert watcher: looks at the site every few seconds and raises, or clears, what the rules ask for.
 *
 *   measured ──► trouble that has held long enough ──► alert + system.AlertRaised ( + system.JobRequested for its channel )
 *
 * in one transaction, by the outbox: an alert that stands is told, and told once, whatever dies in between. Telling is a job like
 * any other (SendOutgoingMessageJob): retried, and a dead letter if the channel stays away.
 */
import { statfsSync } from 'node:fs';
import type { AlertRule } from '../../shared/alert-rule.ts';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import type { Alert, SiteStatus } from '../../shared/operator-api/index.ts';
import { inTransaction } from '../database/database.ts';
import type { Database } from '../database/database.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { alertRules, clearAlert, forgetOldAlerts, openAlerts, raiseAlert } from './alert-store.ts';
import { judgeAlerts, keyOf, type Trouble } from './judge-alerts.ts';

const LOOK_EVERY_MS = 5_000;
/** Trouble that has been gone for this long is over: what comes and goes is one alert. */
const OVER_AFTER_MS = 15_000;

export interface AlertWatcherOptions {
  readonly database: Database;
  readonly site: string;
  readonly source: string;
  /** Whose disk is watched. */
  readonly dataFolder: string;
  readonly status: () => Promise<SiteStatus>;
  /** Age of the newest backup, ms; null if there is none. */
  readonly backupAgeMs: () => number | null;
  readonly onCommitted: () => void;
  readonly onError: (error: unknown) => void;
  /** ms; shorter in tests. */
  readonly lookEveryMs?: number;
  readonly overAfterMs?: number;
}

export class AlertWatcher {
  readonly #options: AlertWatcherOptions;
  #open: readonly Alert[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;
  /** Since when each trouble has been there, and when it was last seen: by the monotonic clock. */
  readonly #troubles = new Map<string, { since: number; seen: number }>();
  /** When each open alert's trouble was last seen. */
  readonly #lastSeen = new Map<number, number>();

  constructor(options: AlertWatcherOptions) {
    this.#options = options;
  }

  /** Alerts that last, as of the last look. */
  get open(): readonly Alert[] {
    return this.#open;
  }

  start(): void {
    void forgetOldAlerts(this.#options.database.intake).catch(this.#options.onError);
    this.#plan(0);
  }

  /** Look now: a rule has changed. */
  look(): void {
    this.#plan(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  #plan(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      // One look at a time.
      this.#looking = this.#looking.then(() => this.#look()).catch(this.#options.onError).finally(() => this.#plan(this.#options.lookEveryMs ?? LOOK_EVERY_MS));
    }, ms);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { database, status, backupAgeMs, dataFolder } = this.#options;
    const sql = database.intake;
    const [rules, open, measured] = await Promise.all([alertRules(sql), openAlerts(sql), status()]);
    const asksForBackups = rules.some(({ kind, enabled }) => kind === 'backup-old' && enabled);
    const troubles = judgeAlerts(rules, { status: measured, diskFree: diskFree(dataFolder), backupAgeMs: asksForBackups ? backupAgeMs() : undefined });
    const now = performance.now();
    const ruleOf = (kind: string): AlertRule | undefined => rules.find((rule) => rule.kind === kind);

    const there = new Set(troubles.map(keyOf));
    for (const key of this.#troubles.keys()) if (!there.has(key)) this.#troubles.delete(key);
    for (const trouble of troubles) {
      const key = keyOf(trouble);
      const known = this.#troubles.get(key) ?? { since: now, seen: now };
      this.#troubles.set(key, { since: known.since, seen: now });
      const rule = ruleOf(trouble.kind);
      if (rule && now - known.since >= rule.holdMs && !open.some((alert) => keyOf(alert) === key)) await this.#raise(trouble, rule);
    }
    for (const alert of open) {
      if (there.has(keyOf(alert))) {
        this.#lastSeen.set(alert.id, now);
        continue;
      }
      const seen = this.#lastSeen.get(alert.id) ?? now;
      this.#lastSeen.set(alert.id, seen);
      // A rule that was switched off wants to hear no more of it, so what it raised is over at once.
      const over = ruleOf(alert.kind)?.enabled !== true || now - seen >= (this.#options.overAfterMs ?? OVER_AFTER_MS);
      if (over) await this.#clear(alert, ruleOf(alert.kind));
    }
    this.#open = await openAlerts(sql);
  }

  async #raise(trouble: Trouble, rule: AlertRule): Promise<void> {
    const { database, source, site, onCommitted } = this.#options;
    await inTransaction(database.intake, async (tx) => {
      const alert = await raiseAlert(tx, trouble);
      // Another watcher of the same database was quicker.
      if (!alert) return;
      const { kind, subject, severity, words: { text }, link } = trouble;
      await putIntoOutbox(tx, [
        createTyped({ eventType: 'system.AlertRaised', source, data: { alertId: alert.id, kind, subject, severity, text, link } }) as Envelope,
        ...this.#message(rule, `${severity === 'error' ? 'Alert' : 'Warning'}: ${text}`, `${site}: ${text}`),
      ]);
    });
    onCommitted();
  }

  async #clear({ id }: Alert, rule: AlertRule | undefined): Promise<void> {
    const { database, source, site, onCommitted } = this.#options;
    await inTransaction(database.intake, async (tx) => {
      const cleared = await clearAlert(tx, id);
      if (!cleared) return;
      const { kind, subject, raisedMs, clearedMs, words: { text } } = cleared;
      await putIntoOutbox(tx, [
        createTyped({ eventType: 'system.AlertCleared', source, data: { alertId: id, kind, subject, lastedMs: Math.max(0, (clearedMs ?? raisedMs) - raisedMs) } }) as Envelope,
        ...(rule ? this.#message(rule, `Over: ${text}`, `${site}: this is over: ${text}`) : []),
      ]);
    });
    this.#lastSeen.delete(id);
    onCommitted();
  }

  #message({ kind, channel, recipient }: AlertRule, subject: string, body: string): Envelope[] {
    if (channel === null) return [];
    return [messageRequest(this.#options.source, { channel, recipient: recipient ?? '', subject, body, why: `alert ${kind}` })];
  }
}

/** The event that asks for a message by a channel. */
export function messageRequest(source: string, { channel, recipient, subject, body, why }: { channel: string; recipient: string; subject: string; body: string; why: string }): Envelope {
  return createTyped({ eventType: 'system.JobRequested', source, data: { jobType: 'SendOutgoingMessageJob', input: { channel, to: recipient === '' ? channel : recipient, subject, body }, operator: 'alerts', reason: why } }) as Envelope;
}

function diskFree(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
