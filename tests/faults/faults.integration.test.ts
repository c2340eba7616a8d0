/**
 * A crash at any point loses nothing and repeats nothing: each fault point once, and nearly each other kind of fault once, on
 * one site that has to live with all of them. `npm run test:faults` is the long form, over as many seeds as one has time for.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultSite } from './fault-site.ts';
import { describeScenario, FAULT_KINDS, type FaultKind, scenarioOf } from './scenario.ts';

/** One seed for all: the kind decides what strikes, the seed what happens around it. */
const SEED = 20_261_124;
/** A server's restart takes seconds; these two are contained in others, and left to the long form. */
const LONG_ONLY = new Set<FaultKind>(['kill-nats', 'kill-both-servers']);
const KINDS = FAULT_KINDS.filter((kind) => !LONG_ONLY.has(kind));
let site: FaultSite;

async function freshSite(): Promise<void> {
  site = new FaultSite();
  await site.start();
}
beforeAll(freshSite);
afterAll(() => site.stop());

test.each(KINDS)('%s: nothing is lost and nothing repeated', async (kind) => {
  const scenario = scenarioOf(SEED, kind);
  const { events } = await site.run(scenario).catch(async (error: unknown) => {
    // What it has left behind would make the next ones fail too.
    await site.stop();
    await freshSite();
    throw new Error(`${describeScenario(scenario)}\nReplay with: npm run test:faults -- --runs 1 --seed ${SEED} --kind ${kind}`, { cause: error });
  });
  expect(events).toBeGreaterThanOrEqual(scenario.wave.length);
});
