/** What is too old leaves the read model and its text index, in small steps, and nothing else does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fillProjection } from '../../bench/fill-projection.ts';
import { openForWriting } from './projection-store.ts';
import { TextIndex } from './text-index.ts';

test('the oldest are taken out of both, step by step', () => {
  const folder = mkdtempSync(join(tmpdir(), 'spine-pruning-'));
  const file = join(folder, 'lineage.sqlite');
  try {
    fillProjection(file, { events: 6_000 });
    const db = new Database(file);
    const index = new TextIndex(file, `${file}.text`);
    while (index.advance(500));
    const count = (sql: string, ...values: number[]): number => (db.prepare(sql).get(...values) as { n: number }).n;
    const middle = (db.prepare('SELECT stored_ms AS at FROM events ORDER BY seq LIMIT 1 OFFSET 3000').get() as { at: number }).at;
    const [newer, newFailures] = [count('SELECT count(*) AS n FROM events WHERE stored_ms >= ?', middle), count('SELECT count(*) AS n FROM failures WHERE at_ms >= ?', middle)];
    const found = index.events(['ada'], 10_000).ids.length;

    const { writer, close } = openForWriting(file);
    let steps = 0;
    while (writer.prune(middle, 500)) steps += 1;
    expect(steps).toBeGreaterThan(3);
    expect(count('SELECT count(*) AS n FROM events')).toBe(newer);
    expect(count('SELECT count(*) AS n FROM failures')).toBeLessThanOrEqual(newFailures + 3);
    // Traces with a dead letter stay until a person has decided.
    expect(count('SELECT count(*) AS n FROM traces WHERE last_ms < ? AND dead = 0', middle)).toBe(0);
    expect(count('SELECT count(*) AS n FROM jobs j WHERE NOT EXISTS (SELECT 1 FROM traces t WHERE t.correlation_id = j.correlation_id)')).toBe(0);
    expect(count('SELECT count(*) AS n FROM attempts a WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.ledger_id = a.ledger_id)')).toBe(0);

    while (index.advance(500));
    const left = index.events(['ada'], 10_000).ids;
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(found);
    expect(left.every((seq) => count('SELECT count(*) AS n FROM events WHERE seq = ?', seq) === 1)).toBe(true);
    expect(writer.prune(middle, 500)).toBe(false);
    index.close();
    close();
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
