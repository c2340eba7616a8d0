/** npm run bench:dead-letters: what the dead-letter pages and a dry run cost with 100,000 dead letters. Prints a table. */
import { JobCatalogue } from '../shared/job-catalogue/index.ts';
import { listFamilies, waitingLetters } from '../main/dead-letters/families.ts';
import { inTransaction } from '../main/database/database.ts';
import { listDeadLetters } from '../main/operator-api/dead-letter-queries.ts';
import { fixItems, previewRedrive } from '../main/redrives/preview.ts';
import { discardScope } from '../main/dead-letters/discard.ts';
import { plantDeadLetters } from '../tests/support/plant-dead-letters.ts';
import { startTestDatabase } from '../tests/support/test-database.ts';

const RUNS = 20;
const FAMILIES = ['locked', 'lost', 'refused', 'unknown', 'late', 'busy', 'closed', 'moved', 'empty'];

const db = await startTestDatabase();
try {
  const sql = db.database.intake;
  const plant = (count: number, cause: string): Promise<string> =>
    plantDeadLetters(sql, { count, jobType: 'SendOutgoingMessageJob', queue: 'interactive', tier: 'interactive', overMs: 86_400_000, message: `channels.ops.url answered HTTP 503: order $n is ${cause}`, input: { channel: 'ops', to: 'ops', subject: 'Order $n', body: 'Order $n is late' } });
  for (const cause of FAMILIES) await plant(10_000, cause);
  const family = await plant(10_000, 'stuck');
  const scope = { kind: 'family', family } as const;
  const jobs = new JobCatalogue();
  const plan = { scope, repeatUnsafe: false };
  process.stdout.write(`100,000 dead letters in ${FAMILIES.length + 1} families; ms over ${RUNS} runs.\n\n| what | first | p50 | max |\n|---|---|---|---|\n`);
  await measure('families page', () => listFamilies(sql, '0.1.0', { show: 'open', limit: 200 }));
  await measure('letters page, all families', () => listDeadLetters(sql, { status: 'waiting', limit: 100 }));
  await measure('letters page, one family', () => listDeadLetters(sql, { status: 'waiting', family, limit: 100 }));
  await measure('letters page, text search', () => listDeadLetters(sql, { status: 'waiting', text: 'order 4711 ', limit: 100 }));
  await measure('badge and attention', () => waitingLetters(sql));
  await measure('dry run of 10,000', () => previewRedrive(sql, jobs, plan));
  await measure('dry run of 10,000 with an edit', () => previewRedrive(sql, jobs, { ...plan, edit: { kind: 'merge', patch: { channel: 'crm' } } }));
  await measure('start: fix 10,000 items', () => undone(async (tx) => {
    await tx.query(`INSERT INTO spine.redrive (id, scope, operator, reason, repeat_unsafe, canary, state) VALUES ($1, '{}', '', '', false, 0, 'running')`, [family]);
    await fixItems(tx, jobs, plan, undefined, family);
  }), 5);
  await measure('discard 10,000', () => undone((tx) => discardScope(tx, family, scope, undefined, { operator: 'bench', reason: 'bench' })), 5);
} finally {
  await db.stop();
}

async function measure(what: string, work: () => Promise<unknown>, runs = RUNS): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const ms = (value: number | undefined): string => (value ?? Number.NaN).toFixed(1);
  process.stdout.write(`| ${what} | ${ms(times[0])} | ${ms(sorted[Math.floor(runs / 2)])} | ${ms(sorted.at(-1))} |\n`);
}

/** In a transaction that is rolled back, so that the next run finds the same. */
async function undone(work: (tx: Parameters<Parameters<typeof inTransaction>[1]>[0]) => Promise<unknown>): Promise<void> {
  const back = new Error('roll back');
  await inTransaction(db.database.intake, async (tx) => {
    await work(tx);
    throw back;
  }).catch((error: unknown) => {
    if (error !== back) throw error;
  });
}
