/** The watcher on a real Postgres: raised once, told once, over once, whoever watches. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AlertRule } from '../../shared/alert-rule.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { startTestDatabase, type TestDatabase } from '../../tests/support/test-database.ts';
import { listAlerts, saveRule } from './alert-store.ts';
import { AlertWatcher } from './alert-watcher.ts';

let db: TestDatabase;
let waiting = 0;
const watchers: AlertWatcher[] = [];
const RULE: AlertRule = { kind: 'dead-letters', enabled: true, threshold: 10, holdMs: 0, channel: 'ops', recipient: null };

function watch(): AlertWatcher {
  const watcher = new AlertWatcher({
    database: db.database, site: 'test', source: 'test', dataFolder: '/', backupAgeMs: () => null, onCommitted: () => {}, onError: (error) => expect.unreachable(String(error)),
    status: async () => ({ tiers: [], components: [], deadLetters: { waiting, ignored: 0, newestMs: null } }) as unknown as SiteStatus,
    lookEveryMs: 20, overAfterMs: 60,
  });
  watchers.push(watcher);
  watcher.start();
  return watcher;
}
const told = async (): Promise<string[]> =>
  (await db.database.intake.query<{ body: string }>("SELECT body FROM spine.outbox WHERE event_type IN ('system.AlertRaised', 'system.AlertCleared', 'system.JobRequested') ORDER BY id")).rows.map(({ body }) => {
    const { eventType, data } = JSON.parse(body) as { eventType: string; data: { input?: { subject: string } } };
    return data.input?.subject ?? eventType;
  });

beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db?.stop());
beforeEach(async () => {
  waiting = 0;
  await db.database.intake.query('TRUNCATE spine.alert, spine.alert_rule, spine.outbox');
  await saveRule(db.database.intake, RULE, 'test');
});
afterEach(async () => {
  await Promise.all(watchers.splice(0).map((watcher) => watcher.stop()));
});

test('two watchers of one database raise one alert, tell it once, and say once that it is over', async () => {
  const [first, second] = [watch(), watch()];
  waiting = 11;
  await expect.poll(() => [first.open.length, second.open.length]).toEqual([1, 1]);
  waiting = 12;
  await expect.poll(() => first.open[0]?.id).toBe(second.open[0]?.id);
  waiting = 0;
  await expect.poll(() => [first.open.length, second.open.length]).toEqual([0, 0]);
  expect(await told()).toEqual([
    'system.AlertRaised', 'Warning: 11 dead letters wait for a decision; you wanted to know of more than 10.',
    'system.AlertCleared', 'Over: 11 dead letters wait for a decision; you wanted to know of more than 10.',
  ]);
});

test('an alert that lasts is not raised again by a watcher that starts later', async () => {
  waiting = 11;
  const first = watch();
  await expect.poll(() => first.open.length).toBe(1);
  await first.stop();
  const later = watch();
  await expect.poll(() => later.open.length).toBe(1);
  expect((await listAlerts(db.database.intake, { limit: 10 })).alerts).toHaveLength(1);
});

test('a moment is no alert where a rule wants it to hold', async () => {
  await saveRule(db.database.intake, { ...RULE, holdMs: 3_600_000 }, 'test');
  waiting = 11;
  const looks: number[] = [];
  const watcher = new AlertWatcher({
    database: db.database, site: 'test', source: 'test', dataFolder: '/', backupAgeMs: () => null, onCommitted: () => {}, onError: (error) => expect.unreachable(String(error)),
    status: async () => (looks.push(1), { tiers: [], components: [], deadLetters: { waiting, ignored: 0, newestMs: null } } as unknown as SiteStatus), lookEveryMs: 5,
  });
  watchers.push(watcher);
  watcher.start();
  await expect.poll(() => looks.length).toBeGreaterThan(5);
  expect(watcher.open).toEqual([]);
});

test('a rule that is switched off ends what it raised at once', async () => {
  waiting = 11;
  const watcher = watch();
  await expect.poll(() => watcher.open.length).toBe(1);
  await saveRule(db.database.intake, { ...RULE, enabled: false }, 'test');
  await expect.poll(() => watcher.open.length).toBe(0);
});
