/**
 * A day at a small service desk, compressed: calls, mails, questions to the model, vans on their rounds, CRM changes.
 * Quiet and busy spells alternate, about 2 to 6 events a second.
 */
import { v4 as uuidv4 } from 'uuid';
import type { Envelope } from '../../shared/envelope.ts';
import { createTyped, deriveTyped } from '../../shared/event-catalogue/index.ts';
import { DEMO_CONNECTOR } from './demo-config.ts';
import { DEMO_CUSTOMERS, DEMO_DESK_NUMBERS, DEMO_MAILS, DEMO_VANS, type DemoCustomer, vanPosition } from './demo-people.ts';

export interface DemoTrafficOptions {
  /** Resolves once the event is stored. */
  publish(event: Envelope): Promise<void>;
  onError(error: unknown): void;
  /** Ask the language model things: only if it is the demo's own. */
  readonly asksModel: boolean;
  /** In [0, 1). */
  readonly random?: () => number;
}

/** Mean wait between scenes, ms, and how long the spell lasts, ms. A scene is one to three events. */
const SPELLS = [
  { name: 'quiet', everyMs: 700, lastsMs: [5_000, 9_000] },
  { name: 'usual', everyMs: 380, lastsMs: [10_000, 20_000] },
  { name: 'busy', everyMs: 200, lastsMs: [4_000, 8_000] },
] as const;
const SYNC_EVERY_MS = 25_000;
/** Events on their way to the bus; when it is slow, scenes are left out instead of piling up. */
const MOST_UNDER_WAY = 50;

export class DemoTraffic {
  readonly #options: DemoTrafficOptions;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #vans = DEMO_VANS.map(({ subject, start }) => ({ subject, step: start }));
  #running = false;
  #underWay = new Set<Promise<void>>();
  #spell: { everyMs: number; untilMs: number } = { everyMs: 380, untilMs: 0 };
  #calls = 0;
  #nextSyncMs = 0;
  published = 0;

  constructor(options: DemoTrafficOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  start(): void {
    this.#running = true;
    this.#next(0);
  }

  /** Publishes nothing more once it resolves. Calls that were under way are not ended. */
  async stop(): Promise<void> {
    this.#running = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#underWay);
  }

  #next(afterMs: number): void {
    this.#later(afterMs, () => {
      const now = Date.now();
      if (now >= this.#spell.untilMs) {
        const { everyMs, lastsMs: [least, most] } = this.#pick(SPELLS);
        this.#spell = { everyMs, untilMs: now + least + (most - least) * this.#random() };
      }
      if (this.#underWay.size < MOST_UNDER_WAY) this.#scene(now);
      // Waits of an exponential distribution look like independent people.
      this.#next(Math.min(4_000, -Math.log(1 - this.#random()) * this.#spell.everyMs));
    });
  }

  #scene(now: number): void {
    if (now >= this.#nextSyncMs) {
      this.#nextSyncMs = now + SYNC_EVERY_MS;
      this.#publish(createTyped({ eventType: 'system.JobRequested', source: 'demo.crm', data: { jobType: 'SyncConnectorDataJob', input: { connectorId: DEMO_CONNECTOR }, operator: 'demo' } }));
      return;
    }
    const share = this.#random();
    if (share < 0.34) this.#call();
    else if (share < 0.62) this.#mail();
    else if (share < 0.9) this.#drive();
    else this.#crmChange();
  }

  #call(): void {
    const caller = this.#pick(DEMO_CUSTOMERS);
    const callId = `demo-call-${++this.#calls}-${uuidv4().slice(0, 8)}`;
    const customer = factsOf(caller);
    const started = createTyped({
      eventType: 'communication.CallStarted',
      source: 'demo.pbx',
      data: { callId, from: caller.phone, to: this.#pick(DEMO_DESK_NUMBERS), direction: 'inbound', customer },
    });
    this.#publish(started);
    const share = this.#random();
    const outcome = share < 0.7 ? 'answered' : share < 0.88 ? 'missed' : 'busy';
    const lastsMs = outcome === 'answered' ? 3_000 + 9_000 * this.#random() : 1_000 + 2_000 * this.#random();
    this.#later(lastsMs, () => this.#publish(deriveTyped(started, {
      eventType: 'communication.CallEnded',
      source: 'demo.pbx',
      // A minute of the demo's day is a second of ours.
      data: { callId, outcome, durationSeconds: outcome === 'answered' ? Math.round(lastsMs / 60) : 0, from: caller.phone, customer },
    })));
  }

  #mail(): void {
    const sender = this.#pick(DEMO_CUSTOMERS);
    const { subject, body, question } = this.#pick(DEMO_MAILS);
    const received = createTyped({ eventType: 'communication.MessageReceived', source: 'demo.mail', data: { channel: 'demo-mail', from: sender.email, to: 'desk@example.org', subject, body, customer: factsOf(sender) } });
    this.#publish(received);
    if (question === undefined || !this.#options.asksModel || this.#random() > 0.6) return;
    this.#later(300 + 700 * this.#random(), () => this.#publish(deriveTyped(received, { eventType: 'ai.QueryReceived', source: 'demo.desk', data: { prompt: `${question} The mail: “${body}”`, maxTokens: 200 } })));
  }

  #drive(): void {
    const van = this.#pick(this.#vans);
    van.step++;
    const { latitude, longitude } = vanPosition(van.step);
    this.#publish(createTyped({ eventType: 'connector.LocationUpdated', source: 'demo.gps', data: { subject: van.subject, latitude, longitude, accuracyMetres: 4 + Math.round(8 * this.#random()), at: new Date().toISOString() } }));
  }

  #crmChange(): void {
    const customer = this.#pick(DEMO_CUSTOMERS);
    const note = this.#pick(['called', 'wrote', 'visited', 'ordered', 'paid']);
    this.#publish(createTyped({
      eventType: 'connector.DataReceived',
      source: 'demo.crm',
      data: { connectorId: DEMO_CONNECTOR, recordId: customer.id, receivedFrom: 'demo', record: { ...customer, lastContact: new Date().toISOString(), note } },
    }));
  }

  #publish(event: Envelope<object>): void {
    if (!this.#running) return;
    const publishing = this.#options.publish(event as Envelope).then(
      () => { this.published++; },
      (error: unknown) => this.#options.onError(error),
    );
    this.#underWay.add(publishing);
    void publishing.finally(() => this.#underWay.delete(publishing));
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }
}

function factsOf({ id, name, tier }: DemoCustomer): Record<string, unknown> {
  return { id, name, tier };
}
