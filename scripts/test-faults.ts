/**
 * npm run test:faults: the long fault tests. Each run is one seed: the seed plus its number. A run that fails prints the
 * command that replays it.
 *
 *   --runs N    default 200
 *   --seed N    default: one of its own, printed
 *   --kind K    every run of this kind; default: each seed chooses
 */
import { parseArgs } from 'node:util';
import { ConfigError, messageOf } from '../shared/errors.ts';
import { FaultSite } from '../tests/faults/fault-site.ts';
import { describeScenario, FAULT_KINDS, type FaultKind, scenarioOf } from '../tests/faults/scenario.ts';
import { ensureBuild } from './ensure-build.ts';

/** A site serves so many runs: long enough to find what one run leaves behind for another, short enough to stay quick. */
const RUNS_A_SITE = 25;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly kind: FaultKind | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '200' }, seed: { type: 'string' }, kind: { type: 'string' } } });
  const count = (name: string, value: string, least: number): number => {
    if (!/^\d{1,9}$/.test(value) || Number(value) < least) throw new ConfigError(`--${name}`, `"${value}" is no such number`, `a whole number from ${least} to 999999999`);
    return Number(value);
  };
  const kind = FAULT_KINDS.find((known) => known === values.kind);
  if (values.kind !== undefined && !kind) throw new ConfigError('--kind', `there is no kind of fault "${values.kind}"`, `one of ${FAULT_KINDS.join(', ')}`);
  return { runs: count('runs', values.runs, 1), seed: count('seed', values.seed ?? String(Math.floor(Math.random() * 1_000_000)), 0), kind };
}

/** @returns the words of what went wrong, causes included. */
function explain(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? `${error.message}\n${explain(error.cause)}` : messageOf(error);
}

async function main({ runs, seed, kind }: Options): Promise<boolean> {
  say(`${runs} runs, seeds ${seed} to ${seed + runs - 1}`);
  const counts = new Map<FaultKind, { green: number; failed: number }>();
  const failures: string[] = [];
  const totals = { events: 0, copies: 0, deliveries: 0 };
  let site: FaultSite | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void (site?.stop() ?? Promise.resolve()).finally(() => process.exit(130)));
  const began = performance.now();
  try {
    for (let run = 0; run < runs; run += 1) {
      if (site === null || run % RUNS_A_SITE === 0) {
        await site?.stop();
        site = new FaultSite();
        await site.start();
      }
      const scenario = scenarioOf(seed + run, kind);
      const count = counts.get(scenario.kind) ?? { green: 0, failed: 0 };
      counts.set(scenario.kind, count);
      const words = `${String(run + 1).padStart(String(runs).length)}  seed ${scenario.seed}  ${scenario.kind}: ${describeScenario(scenario)}`;
      try {
        const { events, copies, deliveries, tookMs } = await site.run(scenario);
        count.green += 1;
        for (const [name, n] of Object.entries({ events, copies, deliveries })) totals[name as keyof typeof totals] += n;
        say(`ok    ${words}; ${events} events, ${deliveries} deliveries, ${(tookMs / 1_000).toFixed(1)} s`);
      } catch (error) {
        count.failed += 1;
        const replay = `npm run test:faults -- --runs 1 --seed ${scenario.seed}${kind ? ` --kind ${kind}` : ''}`;
        failures.push(replay);
        say(`FAIL  ${words}\n${explain(error)}\nReplay with: ${replay}`);
        // What it has left behind would make the next ones fail too.
        await site.stop();
        site = null;
      }
    }
  } finally {
    await site?.stop();
  }
  say('\nfault                     runs  failed');
  for (const known of FAULT_KINDS) {
    const { green = 0, failed = 0 } = counts.get(known) ?? {};
    say(`${known.padEnd(24)} ${String(green + failed).padStart(5)} ${String(failed).padStart(7)}`);
  }
  const seconds = (performance.now() - began) / 1_000;
  say(`\n${runs - failures.length} of ${runs} runs green in ${seconds.toFixed(0)} s (${(seconds / runs).toFixed(1)} s a run), seeds ${seed} to ${seed + runs - 1}; ${totals.events} events, ${totals.copies} copies, ${totals.deliveries} deliveries`);
  for (const replay of failures) say(`Replay: ${replay}`);
  return failures.length === 0;
}

try {
  const options = readOptions();
  ensureBuild();
  process.exit((await main(options)) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(error instanceof ConfigError ? 78 : 1);
}
