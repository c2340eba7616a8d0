/**
 * npm run bench: side by side in one run, printed, and written to bench/RESULTS.md with the machine named.
 * `npm run bench -- latency backlog flood busy` runs some parts only, and writes them if asked to (`--write`); `--quick` takes a tenth of the events.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CONTENDERS } from './contenders/index.ts';
import type { Contender } from './contenders/contender.ts';
import { type Figures, type Load, measure } from './measure.ts';
import { keptSections, machine } from './results.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, write: { type: 'boolean', default: false } } });
const scale = values.quick ? 10 : 1;

const WARM_UP: Load = { name: 'warm-up', perSecond: 200, events: 600 };
const LOADS: readonly Load[] = [
  { name: 'idle (10/s)', perSecond: 10, events: 100 },
  { name: '200/s', perSecond: 200, events: 3_000 / scale },
  { name: '1,000/s', perSecond: 1_000, events: 8_000 / scale },
  { name: 'flat out', perSecond: null, events: 8_000 / scale },
];
const BACKLOGS = values.quick ? [0, 10_000] : [0, 10_000, 100_000, 1_000_000];

interface Row {
  readonly cells: readonly string[];
}
interface Part {
  readonly title: string;
  readonly about: string;
  readonly head: readonly string[];
  readonly run: (add: (...cells: string[]) => void) => Promise<void>;
}

const ms = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
const figureCells = (f: Figures): string[] => [f.publishedPerSecond.toFixed(0), ms(f.p50Ms), ms(f.p95Ms), ms(f.p99Ms), ms(f.maxMs), f.jobsPerSecond.toFixed(0), f.cpuSecondsPer1000.toFixed(2)];
const FIGURES = ['published/s', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'jobs/s', 'CPU s per 1,000'];

/** Run `work` with each contender that this machine can run, one after the other. */
async function withEach(handlerMs: number, work: (contender: Contender) => Promise<void>): Promise<void> {
  for (const offer of CONTENDERS) {
    if (values.only && offer.name !== values.only) continue;
    if ('missing' in offer) {
      process.stdout.write(`${offer.name} is left out: ${offer.missing}.\n`);
      continue;
    }
    const contender = offer.make(handlerMs);
    try {
      await contender.start();
      await measure(contender, WARM_UP);
      await work(contender);
    } finally {
      await contender.stop();
    }
  }
}

const latency = (handlerMs: number): Part => ({
  title: `Event stored → handler started, handler of ${handlerMs} ms`,
  about: 'From the durable acknowledgement of the event to the start of its handler. `jobs/s` counts from the first publish until all is done and recorded (for the spine: until every `job.Completed` is on the bus).',
  head: ['load', 'contender', ...FIGURES],
  run: (add) =>
    withEach(handlerMs, async (contender) => {
      for (const load of LOADS) add(load.name, contender.name, ...figureCells(await measure(contender, load)));
    }),
});

const PARTS: Readonly<Record<string, Part>> = {
  latency: latency(0),
  'latency-20ms': latency(20),
  backlog: {
    title: 'With jobs waiting in the same store',
    about: 'Realtime load of 200/s while this many jobs lie in another queue that nobody works off. (Postgres is vacuumed and checkpointed after each filling, for everybody.)',
    head: ['waiting', 'contender', ...FIGURES],
    run: (add) =>
      withEach(0, async (contender) => {
        let there = 0;
        for (const backlog of BACKLOGS) {
          if (backlog > there) await contender.addBacklog(backlog - there);
          there = backlog;
          add(backlog.toLocaleString('en'), contender.name, ...figureCells(await measure(contender, { name: '', perSecond: 200, events: 2_000 / scale })));
        }
      }),
  },
  flood: {
    title: 'While a flood of background jobs runs',
    about: 'Realtime load of 200/s on the empty system, then while 20,000 background jobs of 20 ms wait and run. The spine lets them give way (docs/adr/0017).',
    head: ['flood', 'contender', ...FIGURES],
    run: (add) =>
      withEach(0, async (contender) => {
        if (!contender.flood) return;
        const load = { name: '', perSecond: 200, events: 3_000 / scale };
        add('none', contender.name, ...figureCells(await measure(contender, load)));
        await contender.flood(20_000);
        add('runs', contender.name, ...figureCells(await measure(contender, load)));
      }),
  },
  busy: {
    title: 'With another process taking a whole core',
    about: 'Load of 1,000/s.',
    head: ['load', 'contender', ...FIGURES],
    run: (add) =>
      withEach(0, async (contender) => {
        const hog = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
        try {
          add('1,000/s', contender.name, ...figureCells(await measure(contender, { name: '', perSecond: 1_000, events: 6_000 / scale })));
        } finally {
          hog.kill('SIGKILL');
        }
      }),
  },
};

const chosen = positionals.length > 0 ? positionals : Object.keys(PARTS);
const sections: string[] = [];
for (const name of chosen) {
  const part = PARTS[name];
  if (!part) {
    process.stderr.write(`There is no part "${name}"; there are ${Object.keys(PARTS).join(', ')}.\n`);
    process.exit(1);
  }
  const rows: Row[] = [];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  process.stdout.write(`\n${part.title}\n${line(part.head)}\n`);
  await part.run((...cells) => {
    rows.push({ cells });
    process.stdout.write(`${line(cells)}\n`);
  });
  // By load, so that the contenders of one load stand together.
  const order = [...new Set(rows.map(({ cells }) => cells[0]))];
  const sorted = rows.toSorted((a, b) => order.indexOf(a.cells[0]) - order.indexOf(b.cells[0]));
  sections.push(`## ${part.title}\n\n${part.about}\n\n${line(part.head)}\n${line(part.head.map(() => '---'))}\n${sorted.map(({ cells }) => line(cells)).join('\n')}\n`);
}

if (values.write || (positionals.length === 0 && !values.quick && !values.only)) {
  const kept = keptSections();
  const who = CONTENDERS.map((offer) => ('missing' in offer ? `- **${offer.name}** left out: ${offer.missing}` : `- **${offer.make(0).name}**: ${offer.make(0).how}`));
  writeFileSync(
    join(import.meta.dirname, 'RESULTS.md'),
    `# Benchmark results

Written by \`${['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ')}\` on ${new Date().toISOString().slice(0, 10)}: ${machine()}.
Read the figures as ratios: such machines are noisy. The load comes from a process of its own on the same machine, which takes its share of the cores.

Everything is durable: NATS \`sync_interval: always\`, Postgres \`fsync = on\` and \`synchronous_commit = on\`, Redis \`appendfsync always\`.
The spine does more than the others for each event: a second synced copy (\`audit-log\`), \`job.Enqueued\` and \`job.Completed\` on the bus, idempotency record, ledger, read model.

What bounds it: a JetStream stream stores one message after the other, and with \`sync_interval: always\` each waits for the disk by itself (about 0.3 ms here). Three messages a job are then about 1,100 jobs/s for
the one stream, and half a CPU second per 1,000 jobs for nats-server, whatever the client does. docs/adr/0014 to 0021 say what was tried to raise it and what helped.

${who.join('\n')}

${sections.join('\n')}${kept === '' ? '' : `\n${kept}`}`,
  );
  process.stdout.write('\nWritten to bench/RESULTS.md.\n');
}
