/**
 * A read model of any size, filled by the projection's own writer with believable correlations: calls that a rule answers,
 * records that become documents, some failures, a few dead letters, and traces of any number of nodes. The same seed makes the same.
 *
 * Sequences begin at a thousand million, so that a site on whose data folder the file is put can go on writing its own events.
 */
import Database from 'better-sqlite3';
import type { EventRow } from '../shared/operator-api/index.ts';
import type { Tier } from '../shared/tiers.ts';
import { summarize } from '../main/projections/event-row.ts';
import { openForWriting } from '../main/projections/projection-store.ts';
import { tally } from '../main/projections/tallies.ts';
import type { ProjectedEvent } from '../main/projections/projection-writer.ts';
import type { ReadLedgerEntry } from '../main/job-queue/ledger.ts';

export const FIRST_SEQ = 1_000_000_000;
const BATCH = 5_000;
/** The events are spread over so long, up to `endMs`. */
const SPAN_MS = 7 * 86_400_000;

export interface Filling {
  /** Events in all, those about jobs included. */
  readonly events: number;
  /** Traces of this many nodes each are among them. */
  readonly large?: readonly number[];
  readonly seed?: number;
  readonly endMs?: number;
  readonly onProgress?: (events: number) => void;
}

export interface Filled {
  readonly events: number;
  readonly jobs: number;
  /** Correlations that can be asked for: some small ones, and the large ones in the order of `large`. */
  readonly small: string[];
  readonly large: string[];
  /** A word that stands in the payload of one event alone, and the name of a customer that stands in thousands. */
  readonly rareWord: string;
}

/** Fill a file that is not there yet, and set the position so that a site reads its stream and its ledger from the beginning. */
export function fillProjection(file: string, filling: Filling): Filled {
  const { writer, close } = openForWriting(file);
  const db = new Database(file);
  for (const pragma of ['synchronous = OFF', 'cache_size = -400000', 'wal_autocheckpoint = 100000']) db.pragma(pragma);
  const indexes = db.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").all() as { name: string; sql: string }[];
  // Made at the end, sorted, they take a fraction of the time.
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  const made = new Story(filling.seed ?? 1, (filling.endMs ?? Date.now()) - SPAN_MS, SPAN_MS / filling.events);
  const large: string[] = [];
  const small: string[] = [];
  const flush = (): void => {
    const events = made.events.splice(0);
    // Of a rule that held, the tallies want its id; reading all other bodies again would cost minutes.
    const counted = events.map(({ row, body }) => ({ row, data: row.eventType === 'rule.ConditionMatched' ? (JSON.parse(body) as { data: Record<string, unknown> }).data : {} }));
    writer.applyEvents(events, [], 0, tally(counted, []));
    writer.applyLedger(made.entries.splice(0));
    filling.onProgress?.(made.eventCount);
  };
  for (const nodes of filling.large ?? []) {
    large.push(made.fanOut(nodes));
    flush();
  }
  let turn = 0;
  while (made.eventCount < filling.events) {
    const correlationId = (turn += 1) % 4 === 0 ? made.record() : made.call();
    if (turn % 1_000 === 1 && small.length < 500) small.push(correlationId);
    if (made.events.length >= BATCH) flush();
  }
  const rareWord = made.rare();
  flush();
  for (const { sql } of indexes) db.exec(sql);
  db.prepare("UPDATE meta SET value = '0' WHERE key IN ('last_seq', 'ledger_txid', 'ledger_id')").run();
  db.exec('ANALYZE');
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  close();
  return { events: made.eventCount, jobs: made.jobCount, small, large, rareWord };
}

interface JobPlan {
  readonly jobType: string;
  readonly tier: Tier;
  readonly runMs: number;
  /** Failed attempts before the last; `dead` says how the last one ends. */
  readonly fails?: number;
  readonly dead?: boolean;
}

/** Tells correlations, and keeps what they bring about until it is written. */
class Story {
  readonly events: ProjectedEvent[] = [];
  readonly entries: ReadLedgerEntry[] = [];
  eventCount = 0;
  jobCount = 0;
  #state: number;
  #now: number;
  #ledgerId = FIRST_SEQ;
  /** What an event says, for the input of the jobs that it owes. */
  readonly #data = new WeakMap<EventRow, Record<string, unknown>>();
  readonly #stepMs: number;

  constructor(seed: number, fromMs: number, stepMs: number) {
    this.#state = seed >>> 0;
    this.#now = fromMs;
    this.#stepMs = stepMs;
  }

  /** A call; every fourth is a VIP's, which a rule answers with a message. */
  call(): string {
    const customer = this.#below(20_000);
    const vip = customer % 4 === 0;
    const root = this.#event(null, null, 'communication.CallStarted', 'pbx', { callId: `call-${this.eventCount}`, from: `+49 30 ${900_000 + customer}`, to: '+49 30 5550100', direction: 'inbound', customer: { id: customer, tier: vip ? 'vip' : 'standard', name: NAMES[customer % NAMES.length] } });
    const rules = this.#job(root, { jobType: 'RunRuleEngineJob', tier: 'realtime', runMs: 2 + this.#below(6) });
    if (!vip) return root.correlationId;
    this.#event(root, rules, 'rule.ConditionMatched', 'spine.bench', { ruleId: 'vip-caller', ruleName: 'Tell ops when a VIP calls' });
    const action = this.#event(root, rules, 'rule.ActionTriggered', 'spine.bench', { ruleId: 'vip-caller', jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', subject: 'VIP', body: `VIP ${customer} is on the line` } });
    const odds = this.#below(200);
    const send = this.#job(action, { jobType: 'SendOutgoingMessageJob', tier: 'interactive', runMs: 20 + this.#below(200), fails: odds < 12 ? 1 + (odds % 3) : 0, dead: odds === 0 });
    if (odds !== 0) this.#event(action, send, 'communication.MessageSent', 'spine.bench', { channel: 'ops', to: 'ops', messageId: `m-${this.eventCount}` });
    return root.correlationId;
  }

  /** A record of a connector that becomes an entity and a document. */
  record(): string {
    const customer = this.#below(20_000);
    const root = this.#event(null, null, 'connector.DataReceived', 'connector.crm', { connectorId: 'crm', recordId: `c-${customer}`, record: { id: customer, name: NAMES[customer % NAMES.length], city: CITIES[customer % CITIES.length] } });
    const map = this.#job(root, { jobType: 'ProcessIncomingDataJob', tier: 'background', runMs: 8 });
    const write = this.#job(root, { jobType: 'WriteEntityJob', tier: 'background', runMs: 4 }, map);
    const entity = this.#event(root, write, 'data.EntityUpdated', 'spine.bench', { entityType: 'customer', entityId: `c-${customer}`, version: 1 + this.#below(40) });
    this.#job(entity, { jobType: 'IndexDocumentJob', tier: 'background', runMs: 6 });
    return root.correlationId;
  }

  /** One event that leads to this many nodes: jobs in hundreds of branches, each with events of its own. */
  fanOut(nodes: number): string {
    const root = this.#event(null, null, 'connector.SyncRequested', 'operator', { connectorId: 'crm', full: true });
    const step = this.#stepMs;
    const sync = this.#job(root, { jobType: 'SyncConnectorDataJob', tier: 'background', runMs: 40 });
    for (let made = 2; made < nodes; ) {
      const received = this.#event(root, sync, 'connector.DataReceived', 'connector.crm', { connectorId: 'crm', recordId: `r-${made}`, record: { id: made, name: NAMES[made % NAMES.length] } });
      const odds = this.#below(300);
      const map = this.#job(received, { jobType: 'ProcessIncomingDataJob', tier: 'background', runMs: 2 + this.#below(8), fails: odds < 3 ? 1 : 0 });
      const write = this.#job(received, { jobType: 'WriteEntityJob', tier: 'background', runMs: 2 + this.#below(6), dead: odds === 9 }, map);
      made += 3;
      if (odds === 9) continue;
      const entity = this.#event(received, write, 'data.EntityCreated', 'spine.bench', { entityType: 'customer', entityId: `r-${made}`, version: 1 });
      this.#job(entity, { jobType: 'IndexDocumentJob', tier: 'background', runMs: 3 + this.#below(9) });
      made += 2;
      this.#now += step;
    }
    return root.correlationId;
  }

  /** One event with a word that stands nowhere else. */
  rare(): string {
    const word = `quokka${this.#uuid().slice(0, 8)}`;
    this.#event(null, null, 'communication.CallStarted', 'pbx', { callId: 'rare', from: '+49 30 1', to: '+49 30 2', direction: 'inbound', note: `asked for the ${word} by name` });
    return word;
  }

  #event(cause: EventRow | null, jobId: string | null, eventType: string, source: string, data: Record<string, unknown>): EventRow {
    const eventId = this.#uuid();
    this.#now += this.#stepMs;
    const storedMs = Math.round(this.#now);
    const correlationId = cause?.correlationId ?? eventId;
    const row: EventRow = {
      seq: FIRST_SEQ + this.eventCount, eventId, eventType, eventVersion: '1.0', domain: eventType.slice(0, eventType.indexOf('.')), source, timestampMs: storedMs - 1, storedMs, correlationId,
      causationId: cause?.eventId ?? null, jobId, verdict: 'valid', summary: summarize(data),
    };
    this.eventCount += 1;
    const envelope = { eventId, eventType, eventVersion: '1.0', timestamp: new Date(storedMs).toISOString(), source, correlationId, ...(cause ? { causationId: cause.eventId } : {}), ...(jobId ? { jobId } : {}), traceContext: { traceparent: `00-${correlationId.replaceAll('-', '')}-${eventId.replaceAll('-', '').slice(0, 16)}-01` }, data };
    this.events.push({ row, body: JSON.stringify(envelope) });
    this.#data.set(row, data);
    return row;
  }

  /** A job with its attempts, and the events that tell of it on the bus. */
  #job(trigger: EventRow, plan: JobPlan, parentJobId: string | null = null): string {
    const jobId = this.#uuid();
    const { jobType, tier, runMs, fails = 0, dead = false } = plan;
    const enqueuedMs = Math.round(this.#now) + 1;
    this.jobCount += 1;
    const position = (): { id: number; txid: string } => ({ id: (this.#ledgerId += 1), txid: String(this.#ledgerId) });
    this.entries.push({ ...position(), kind: 'enqueued', jobId, detail: { jobType, queue: tier, tier, priority: 0, correlationId: trigger.correlationId, triggeringEventId: trigger.eventId, parentJobId, redriveOf: null, publishedMs: trigger.storedMs, enqueuedMs, input: this.#data.get(trigger) ?? {} } });
    this.#event(trigger, jobId, 'job.Enqueued', 'spine.bench', { jobId, jobType, queue: tier, tier });
    let startedMs = enqueuedMs + 1 + this.#below(tier === 'background' ? 120 : 12);
    for (let attempt = 1; ; attempt += 1) {
      const base = { startedMs, finishedMs: startedMs + runMs, worker: 'bench:1' };
      if (attempt > fails && !dead) {
        this.entries.push({ ...position(), kind: 'completed', jobId, attempt, detail: base });
        this.#event(trigger, jobId, 'job.Completed', 'spine.bench', { jobId, jobType, queue: tier, tier, attempt, runMs });
        break;
      }
      const error = ERRORS[this.#below(ERRORS.length)] ?? ERRORS[0];
      if (!error) break;
      if (attempt > fails) {
        this.entries.push({ ...position(), kind: 'dead', jobId, attempt, detail: { ...base, error, reason: 'retries-exhausted' } });
        this.#event(trigger, jobId, 'job.DeadLettered', 'spine.bench', { jobId, jobType, queue: tier, tier, attempt, error });
        break;
      }
      const retryAtMs = base.finishedMs + 1_000 * 2 ** attempt;
      this.entries.push({ ...position(), kind: 'failed', jobId, attempt, detail: { ...base, error, retryAtMs } });
      startedMs = retryAtMs + 5;
    }
    this.#now = Math.max(this.#now, enqueuedMs + 2);
    return jobId;
  }

  /** mulberry32: small, quick, and the same everywhere. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
  #below(limit: number): number {
    return this.#next() % limit;
  }
  #uuid(): string {
    const hex = [this.#next(), this.#next(), this.#next(), this.#next()].map((part) => part.toString(16).padStart(8, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

const NAMES = ['Ada Lovelace', 'Grace Hopper', 'Konrad Zuse', 'Edsger Dijkstra', 'Barbara Liskov', 'Alan Turing', 'Mary Shaw', 'Niklaus Wirth', 'Radia Perlman', 'Leslie Lamport', 'Frances Allen', 'Tony Hoare'];
const CITIES = ['Berlin', 'Hamburg', 'Leipzig', 'Bremen', 'Kassel', 'Ulm', 'Kiel'];
const ERRORS = [
  { name: 'RetryableError', message: 'channels.ops.url answered HTTP 503: the receiver is being restarted', stack: 'RetryableError: channels.ops.url answered HTTP 503\n    at askOutside (outbound-http.ts:88:11)' },
  { name: 'RateLimitedError', message: 'channels.ops.url asks to wait 2 s', stack: 'RateLimitedError: channels.ops.url asks to wait 2 s\n    at askOutside (outbound-http.ts:80:11)' },
  { name: 'TypeError', message: 'fetch failed; caused by: connect ECONNREFUSED 127.0.0.1:8443', stack: 'TypeError: fetch failed\n    at askOutside (outbound-http.ts:61:20)' },
];
