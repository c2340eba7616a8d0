/**
 * A site that is made to suffer: each run publishes events into the running site, lets a fault strike, brings the site
 * back, waits until everything has ended, and balances the books. One data folder serves many runs, so that what one run
 * has left behind would be found by the next.
 */
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import Database from 'better-sqlite3';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { checkConservation } from '../../main/conservation/check-conservation.ts';
import { LineageAudit, seqAtRest } from '../support/lineage-audit.ts';
import { natsClient, sqlClient } from '../support/site-clients.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipSite } from '../support/vip-site.ts';
import type { FaultRequest } from './fault-control.ts';
import { Outside } from './outside.ts';
import { eventsOf, publishAll, type Publishers, type RunEvent } from './publishing.ts';
import { describeScenario, type Scenario, type Strike } from './scenario.ts';

/** A fault point that has not been reached after so many waves of events is not on the way of an event. */
const MOST_WAVES = 20;
/** Limits for hangs, ms. */
const STRIKE_MS = 60_000;
const REST_MS = 60_000;

export interface RunReport {
  readonly events: number;
  readonly copies: number;
  readonly deliveries: number;
  readonly tookMs: number;
}

export class FaultSite {
  readonly #outside = new Outside();
  readonly #audit = new LineageAudit();
  readonly #published: string[] = [];
  #site: SiteProcess | null = null;
  #nats: NatsConnection | null = null;
  /** By how much the clock of the process that runs now is off, ms. */
  #clockMs = 0;
  /** Counts the times that the site was started anew: a clock is set for one life. */
  #life = 0;
  /** Rejects when the process that runs now ends. */
  #death: Promise<never> = new Promise(() => {});

  async start(): Promise<void> {
    const config = vipSite(await this.#outside.start());
    this.#site = new SiteProcess({ config, nodeArgs: ['--import', join(import.meta.dirname, 'fault-control.ts')] });
    await this.#site.start();
    this.#death = deathOf(this.#site);
    this.#nats = await natsClient(this.#site);
  }

  async stop(): Promise<void> {
    await this.#nats?.close();
    await this.#site?.dispose();
    await this.#outside.stop();
  }

  /** One run. @throws Error that lists what does not add up, or says that the fault did not strike, or that the site died of something else. */
  async run(scenario: Scenario): Promise<RunReport> {
    const run = this.#play(scenario);
    return scenario.crash || scenario.strike?.target === 'site' ? run : Promise.race([run, this.#death]);
  }

  async #play(scenario: Scenario): Promise<RunReport> {
    const began = performance.now();
    const { site, nats } = this.#started();
    const { crash, strike, clockJumpMs } = scenario;
    this.#outside.begin();
    const traffic = new Traffic(scenario, this.#outside, { site, nats });
    if (crash) await this.#ask({ arm: `${crash.point}:${crash.nth}` });
    const jumped = this.#jump(clockJumpMs);
    await traffic.until(crash ? site.ended() : strike ? jumped.then(() => this.#strike(strike)) : jumped);
    if (crash || strike?.target === 'site') await this.#comeBack(scenario);
    await Promise.all([jumped, traffic.allAcknowledged()]);
    this.#published.push(...traffic.events.map(({ event }) => event.eventId));
    await this.#audited(traffic.events, scenario);
    // Only now: the books must balance on the wrong clock too.
    await this.#setClock(0);
    return {
      events: traffic.events.length,
      copies: traffic.events.reduce((sum, { plan }) => sum + plan.copies.length, 0),
      deliveries: [...this.#outside.keys().values()].flat().reduce((sum, { deliveries }) => sum + deliveries, 0),
      tookMs: performance.now() - began,
    };
  }

  #started(): { site: SiteProcess; nats: NatsConnection } {
    if (!this.#site || !this.#nats) throw new Error('the site has not been started');
    return { site: this.#site, nats: this.#nats };
  }

  async #ask(request: FaultRequest): Promise<void> {
    await this.#started().site.ask(request);
  }

  /** Let the clock jump once the events are in full flow. A site that dies first takes its clock with it. */
  async #jump(clockMs: number): Promise<void> {
    if (clockMs === 0) return;
    const { site } = this.#started();
    await this.#outside.delivered(1);
    await this.#setClock(clockMs).catch((error: unknown) => {
      if (site.end === null) throw error;
    });
  }

  async #setClock(clockMs: number): Promise<void> {
    if (clockMs === this.#clockMs) return;
    const life = this.#life;
    await this.#ask({ clockMs });
    // It may have answered and died before we came to hear the answer.
    if (life === this.#life) this.#clockMs = clockMs;
  }

  /** Resolves when it has struck, and what was hit has been replaced by its supervisor (a killed site is ours to start). */
  async #strike({ target, signal, afterDeliveries }: Strike): Promise<void> {
    const { site } = this.#started();
    await this.#outside.delivered(afterDeliveries);
    if (target === 'site') {
      site.signal(signal);
      await site.ended();
      return;
    }
    const servers = target === 'both servers' ? (['nats', 'postgres'] as const) : [target];
    const struck = servers.map((server) => ({ server, pid: site.serverPid(server) }));
    for (const { pid } of struck) process.kill(pid, signal);
    if (signal === 'SIGKILL' && target !== 'nats') this.#audit.postgresWasKilled();
    for (const { server, pid } of struck) await eventually(`another ${server} in the place of ${pid}`, async () => site.serverPid(server) !== pid, STRIKE_MS);
  }

  #beginLife(): void {
    this.#life += 1;
    this.#clockMs = 0;
  }

  /** Start the site that was killed; if the scenario says so, let it die while it starts first. */
  async #comeBack({ crash, again }: Scenario): Promise<void> {
    const { site } = this.#started();
    this.#beginLife();
    mustBeKilled(site, crash ? `at ${crash.point}:${crash.nth}` : 'by the strike');
    if (again) {
      const setting = `${again.point}:${again.nth}`;
      // It may die before or after the console is served: both count.
      await site.startWith({ SPINE_FAULT_POINT: setting }).catch((error: unknown) => {
        if (site.end === null) throw error;
      });
      await withinLimit(site.ended(), `the site to die again at ${setting}`);
      mustBeKilled(site, `again at ${setting}`);
      this.#beginLife();
    }
    await site.start();
    this.#death = deathOf(site);
  }

  /** Wait until everything has ended, then balance the books. @throws Error with what does not add up. */
  async #audited(events: readonly RunEvent[], scenario: Scenario): Promise<void> {
    const { site, nats } = this.#started();
    const sql = await eventually('Postgres to take a connection', () => sqlClient(site), STRIKE_MS);
    try {
      const seq = await eventually('everything to end', () => seqAtRest(nats, sql), REST_MS);
      const lineage = await this.#audit.read(nats, sql, seq);
      const { violations, onQueues, outbox } = await checkConservation(sql, this.#published);
      const left = onQueues + outbox === 0 ? [] : [`${onQueues} jobs are left on their queues, ${outbox} events in the outbox`];
      const wrong = [...lineage, ...violations, ...left, ...outcomesOf(events, scenario, this.#audit, this.#outside), ...(await this.#viewOf(seq))];
      if (wrong.length > 0) throw new Error(`${wrong.length} things do not add up:\n  ${wrong.slice(0, 20).join('\n  ')}`);
    } finally {
      await sql.end();
    }
  }

  /** The operator's view must come to agree with bus and ledger. @returns what does not hang together in it. */
  async #viewOf(seq: number): Promise<string[]> {
    const { site } = this.#started();
    const jobs = [...this.#audit.jobs.values()];
    const expected = JSON.stringify({ jobs: jobs.length, completed: jobs.filter(({ completed }) => completed > 0).length, open: 0, backlog: 0, behind: 0, clock: 'as it was set' });
    await eventually(`the operator API to say ${expected}`, async () => {
      const { totals, tiers, outbox, projection, measuredMs } = await site.api<SiteStatus>('/site/status');
      const open = tiers.reduce((sum, { waiting, running, retrying }) => sum + waiting + running + retrying, 0);
      const said = JSON.stringify({ jobs: totals.jobs, completed: totals.completed, open, backlog: outbox.backlog, behind: projection.behind, clock: Math.abs(measuredMs - Date.now() - this.#clockMs) < 10_000 ? 'as it was set' : measuredMs });
      if (said !== expected) throw new Error(said);
      return true;
    }, STRIKE_MS);
    const db = new Database(join(site.folder, 'projections', 'lineage.sqlite'), { readonly: true });
    try {
      const count = (sql: string): number => Number((db.prepare(sql).get(seq) as { n: number }).n);
      return Object.entries({
        [`events that are not those of the stream`]: count('SELECT count(*) AS n FROM events WHERE seq <= ?') - this.#audit.events.size,
        [`events whose cause is not in the view`]: count('SELECT count(*) AS n FROM events e LEFT JOIN events c ON c.event_id = e.causation_id WHERE e.seq <= ? AND e.causation_id IS NOT NULL AND c.event_id IS NULL'),
        [`events whose job is not in the view`]: count('SELECT count(*) AS n FROM events e LEFT JOIN jobs j ON j.job_id = e.job_id WHERE e.seq <= ? AND e.job_id IS NOT NULL AND j.job_id IS NULL'),
        [`jobs whose event is not in the view`]: count('SELECT count(*) AS n FROM jobs j LEFT JOIN events e ON e.event_id = j.triggering_event_id AND e.seq <= ? WHERE e.event_id IS NULL'),
        [`attempts that still run in the view`]: count(`SELECT count(*) AS n FROM attempts WHERE outcome = 'running' AND ? > 0`),
        [`traces that are open in the view`]: count('SELECT count(*) AS n FROM traces WHERE open <> 0 AND ? > 0'),
      }).flatMap(([what, n]) => (n === 0 ? [] : [`${n} ${what}`]));
    } finally {
      db.close();
    }
  }
}

/** The events of a run: waves that follow each other until the fault has struck. */
class Traffic {
  readonly events: RunEvent[] = [];
  readonly #publishing: Promise<void>[] = [];
  readonly #scenario: Scenario;
  readonly #outside: Outside;
  readonly #publishers: Publishers;

  constructor(scenario: Scenario, outside: Outside, publishers: Publishers) {
    this.#scenario = scenario;
    this.#outside = outside;
    this.#publishers = publishers;
  }

  /** One wave at least, and more until `struck`. A wave has passed when each of its events has led to a message. */
  async until(struck: Promise<unknown>): Promise<void> {
    let over = false;
    const end = struck.then(() => {
      over = true;
    });
    for (let waves = 0; !over; waves += 1) {
      if (waves === MOST_WAVES) throw new Error(`the fault has not struck in ${waves} waves of events (${describeScenario(this.#scenario)})`);
      await withinLimit(Promise.race([this.#wave(), end]), `a wave of events to pass, or the fault to strike (${describeScenario(this.#scenario)})`);
    }
  }

  /** Resolves when every publisher has its acknowledgement. */
  async allAcknowledged(): Promise<void> {
    await withinLimit(Promise.all(this.#publishing), 'every publisher to be acknowledged');
  }

  async #wave(): Promise<void> {
    const { wave, publishers, lateMs } = this.#scenario;
    const events = eventsOf(wave);
    for (const { event, plan } of events) this.#outside.plan(event.correlationId, { answer: plan.answer, lateMs });
    this.events.push(...events);
    const publishing = publishAll(this.#publishers, events, publishers);
    this.#publishing.push(publishing);
    await publishing;
    await this.#outside.seen(events.map(({ event }) => event.correlationId));
  }
}

/** What each event must have brought about, in the house and outside. */
function outcomesOf(events: readonly RunEvent[], { crash, strike }: Scenario, audit: LineageAudit, outside: Outside): string[] {
  const wrong: string[] = [];
  const types = Map.groupBy(audit.events.values(), ({ correlationId }) => correlationId);
  const keys = outside.keys();
  // A call outside may be repeated only if the process or the database that remembers it was away.
  const mayRepeat = crash !== null || (strike !== null && strike.target !== 'nats');
  for (const { event, plan } of events) {
    const { correlationId } = event;
    const must = (holds: boolean, words: string): void => void (holds || wrong.push(`correlation ${correlationId} (${plan.answer}): ${words}`));
    const sent = plan.answer === 'refuses' ? 0 : 1;
    const expected = { 'communication.CallStarted': 1, 'rule.ConditionMatched': 1, 'rule.ActionTriggered': 1, 'communication.MessageSent': sent, 'job.Enqueued': 2 + sent, 'job.Completed': 1 + 2 * sent, 'job.DeadLettered': 1 - sent };
    const found = (types.get(correlationId) ?? []).map(({ eventType }) => eventType);
    for (const [type, n] of Object.entries(expected)) must(found.filter((other) => other === type).length === n, `${found.filter((other) => other === type).length} × ${type} instead of ${n}`);

    const stored = audit.events.get(event.eventId)?.copies ?? 0;
    const outsideWindow = plan.copies.filter((copy) => copy !== 'same-id').length;
    must(crash || strike ? stored > outsideWindow : stored === 1 + outsideWindow, `it is ${stored} times in the stream, with ${outsideWindow} copies that the bus can't tell`);
    const [record, ...others] = keys.get(correlationId) ?? [];
    must(record !== undefined && others.length === 0, `its message went out under ${record ? 1 + others.length : 0} keys`);
    if (!record) continue;
    const job = audit.jobs.get(record.key);
    must(job?.jobType === 'SendOutgoingMessageJob' && job.correlationId === correlationId, `the key ${record.key} is not that of its job`);
    must(record.bodies.size === 1, `${record.bodies.size} different messages went out under one key`);
    must(record.taken >= sent && (sent === 1 || record.taken === 0), `the message was taken ${record.taken} times`);
    const deliveries = plan.answer === 'fails-once' ? 2 : 1;
    must(mayRepeat || record.deliveries === deliveries, `${record.deliveries} deliveries instead of ${deliveries}`);
  }
  return wrong;
}

function mustBeKilled(site: SiteProcess, where: string): void {
  if (site.end?.signal !== 'SIGKILL') throw new Error(`the site was to be killed ${where}, and ended with ${JSON.stringify(site.end)}:\n${site.output}`);
}

/** Rejects with the site's last words when the process that runs now ends. */
function deathOf(site: SiteProcess): Promise<never> {
  const death = site.ended().then((): never => {
    throw new Error(`the site was not to end, and did with ${JSON.stringify(site.end)}:\n${site.output.slice(-8_000)}`);
  });
  // Most runs kill it or stop it themselves.
  death.catch(() => {});
  return death;
}

/** For hangs only: what is waited for is a signal. */
async function withinLimit<Value>(signal: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come about within ${STRIKE_MS} ms`)), STRIKE_MS);
  });
  return Promise.race([signal, limit]).finally(() => clearTimeout(timer));
}
