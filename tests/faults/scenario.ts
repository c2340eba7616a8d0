/**
 * One seed → one scenario: which fault strikes where, what is published around it, and how the outside answers.
 * How the threads and processes interleave is not in the seed's hand; the plan is the same each time.
 */
import fc from 'fast-check';
import { EVENT_FAULT_POINTS, type FaultPoint } from '../../main/fault-points.ts';

/** Kinds of faults that are no fault point. (Those of redrives have their test beside the redrives: tests/redrives.integration.test.ts.) */
export const OTHER_FAULTS = [
  'crash-again', 'kill-site', 'kill-nats', 'kill-postgres', 'kill-both-servers', 'stop-nats', 'stop-postgres',
  'duplicates', 'slow-handlers', 'clock-forward', 'clock-back', 'clock-back-and-kill-nats',
] as const;
export type FaultKind = FaultPoint | (typeof OTHER_FAULTS)[number];
export const FAULT_KINDS: readonly FaultKind[] = [...EVENT_FAULT_POINTS, ...OTHER_FAULTS];

/** Points that every start passes, so that a site armed with one dies while it recovers. */
const POINTS_OF_A_START = ['before-publish', 'after-publish-ack', 'after-inbox-commit', 'after-routing-ack', 'before-claim'] as const satisfies readonly FaultPoint[];

/** A point to die at, when it is passed for the nth time after it was armed. */
export interface Crash {
  readonly point: FaultPoint;
  readonly nth: number;
}
/** What strikes while events are under way, once the receiver has seen `afterDeliveries` messages of the run. */
export interface Strike {
  readonly target: 'site' | 'nats' | 'postgres' | 'both servers';
  readonly signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT';
  readonly afterDeliveries: number;
}

/** How an event is published once more: under the id that the bus remembers, under another, or under none. */
export type Copy = 'same-id' | 'other-id' | 'no-id';
/** What the receiver does with the message that the event leads to. */
export type Answer = 'takes' | 'takes-late' | 'fails-once' | 'refuses';

export interface PlannedEvent {
  /** By a NATS client, or by the site's HTTP intake. */
  readonly via: 'nats' | 'http';
  readonly copies: readonly Copy[];
  readonly answer: Answer;
}

export interface Scenario {
  readonly seed: number;
  readonly kind: FaultKind;
  /** The site is armed before the events come. */
  readonly crash: Crash | null;
  /** …and dies once more while it starts again. */
  readonly again: Crash | null;
  readonly strike: Strike | null;
  /** The clock of the site's process jumps by this in the middle of the events, and back at the end, ms; 0: it does not. */
  readonly clockJumpMs: number;
  /** One wave of events; waves follow each other until the fault has struck. */
  readonly wave: readonly PlannedEvent[];
  /** Publishes at the same time. */
  readonly publishers: number;
  /** How late the receiver answers what it takes late, ms. */
  readonly lateMs: number;
}

/** @param kind of the fault; default: the seed chooses. */
export function scenarioOf(seed: number, kind?: FaultKind): Scenario {
  const [scenario] = fc.sample(fc.constantFrom(...FAULT_KINDS).chain((chosen) => scenarioOfKind(seed, kind ?? chosen)), { seed, numRuns: 1 });
  if (!scenario) throw new Error(`the seed ${seed} gave no scenario`);
  return scenario;
}

function scenarioOfKind(seed: number, kind: FaultKind): fc.Arbitrary<Scenario> {
  const point = EVENT_FAULT_POINTS.find((known) => known === kind) ?? null;
  const often = (usual: Answer): fc.Arbitrary<Answer> =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constant<Answer>('takes-late') }, { weight: 1, arbitrary: fc.constantFrom<Answer>('fails-once', 'refuses') });
  const copies = fc.array(fc.constantFrom<Copy>('same-id', 'other-id', 'no-id'), { minLength: kind === 'duplicates' ? 1 : 0, maxLength: 2 });
  const event = fc.record<PlannedEvent>({
    // Only the intake publishes by the site's own code.
    via: kind === 'before-publish' || kind === 'after-publish-ack' ? fc.constant('http') : fc.constantFrom('nats', 'nats', 'http'),
    copies: kind === 'duplicates' ? copies : fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: copies }),
    answer: often(kind === 'slow-handlers' ? 'takes-late' : 'takes'),
  });
  const crash = (of: readonly FaultPoint[], most: number): fc.Arbitrary<Crash> => fc.record({ point: fc.constantFrom(...of), nth: fc.integer({ min: 1, max: most }) });
  return fc.record<Scenario>({
    seed: fc.constant(seed),
    kind: fc.constant(kind),
    crash: point ? crash([point], 15) : kind === 'crash-again' ? crash(EVENT_FAULT_POINTS.filter((known) => !/publish/.test(known)), 10) : fc.constant(null),
    again: kind === 'crash-again' ? crash(POINTS_OF_A_START, 1) : fc.constant(null),
    strike: strikeOfKind(kind),
    clockJumpMs: clockJumpOfKind(kind),
    wave: fc.array(event, { minLength: 16, maxLength: 40 }),
    publishers: fc.constantFrom(1, 4, 16),
    lateMs: fc.integer({ min: 50, max: kind === 'slow-handlers' ? 1_000 : 300 }),
  });
}

function strikeOfKind(kind: FaultKind): fc.Arbitrary<Strike | null> {
  const strike = (target: Strike['target'], ...signals: Strike['signal'][]): fc.Arbitrary<Strike> =>
    fc.record({ target: fc.constant(target), signal: fc.constantFrom(...signals), afterDeliveries: fc.integer({ min: 1, max: 10 }) });
  switch (kind) {
    case 'kill-site':
      return strike('site', 'SIGKILL');
    case 'kill-nats':
    case 'clock-back-and-kill-nats':
      return strike('nats', 'SIGKILL');
    case 'kill-postgres':
      return strike('postgres', 'SIGKILL');
    case 'kill-both-servers':
      return strike('both servers', 'SIGKILL');
    case 'stop-nats':
      return strike('nats', 'SIGTERM');
    case 'stop-postgres':
      // Its fast shutdown: sessions are cut, running transactions rolled back.
      return strike('postgres', 'SIGINT');
    default:
      return fc.constant(null);
  }
}

function clockJumpOfKind(kind: FaultKind): fc.Arbitrary<number> {
  const forward = fc.integer({ min: 30_000, max: 3 * 86_400_000 });
  if (kind === 'clock-forward') return forward;
  if (kind === 'clock-back' || kind === 'clock-back-and-kill-nats') return forward.map((ms) => -ms);
  // A jump on top of another fault, now and then.
  return fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.oneof(forward, forward.map((ms) => -ms)) });
}

/** In words, for the line of a run. */
export function describeScenario({ crash, again, strike, clockJumpMs, wave, publishers }: Scenario): string {
  const copies = wave.reduce((sum, event) => sum + event.copies.length, 0);
  return [
    crash && `dies at ${crash.point}:${crash.nth}`,
    again && `and again at ${again.point}:${again.nth}`,
    strike && `${strike.signal} to ${strike.target} after ${strike.afterDeliveries} deliveries`,
    clockJumpMs !== 0 && `clock jumps by ${Math.round(clockJumpMs / 1_000)} s`,
    `${wave.length} events and ${copies} copies from ${publishers} publishers a wave`,
  ].filter(Boolean).join(', ');
}
