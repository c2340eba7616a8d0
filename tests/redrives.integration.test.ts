/**
 * A redrive of ten thousand on a real site with a real receiver: previewed, killed in the middle (once by chance of place,
 * once at each side of a commit), and gone on with; each dead letter handled once, nothing repeated that is on record.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeadLetterDetail, RedrivePreview, RedriveRow, SiteStatus, Trace } from '../shared/operator-api/index.ts';
import { plantDeadLetters } from './support/plant-dead-letters.ts';
import { Receiver } from './support/receiver.ts';
import { sqlClient } from './support/site-clients.ts';
import { eventually, SiteProcess } from './support/site-process.ts';
import { vipSite } from './support/vip-site.ts';

const MANY = 10_000;
const receiver = new Receiver();
const gateway = new Receiver();
const env: Record<string, string> = { SPINE_FAULT_POINT: '' };
let site: SiteProcess;

beforeAll(async () => {
  site = new SiteProcess({ config: vipSite(await receiver.start(), { gateways: { telephony: { url: await gateway.start() } } }), env });
  await site.start();
});

afterAll(async () => {
  await site?.dispose();
  await receiver.stop();
  await gateway.stop();
});

async function plant(count: number, body: string, jobType: 'SendOutgoingMessageJob' | 'PlaceCallJob' = 'SendOutgoingMessageJob'): Promise<string> {
  const sql = await sqlClient(site);
  const call = jobType === 'PlaceCallJob';
  const family = await plantDeadLetters(sql, {
    count, jobType, queue: call ? 'realtime' : 'interactive', tier: call ? 'realtime' : 'interactive', message: `channels.ops.url answered HTTP 404: ${body} $n`,
    input: call ? { to: '+49 30 $n' } : { channel: 'ops', to: 'ops', body: `${body} $n` },
  });
  await sql.end();
  return family;
}
const progress = (redriveId: string): Promise<RedriveRow> => site.api<RedriveRow>(`/redrives/${redriveId}`);
const passed = (redriveId: string, redriven: number): Promise<RedriveRow> =>
  eventually(`${redriven} jobs to be redriven`, async () => {
    const row = await progress(redriveId);
    return row.redriven >= redriven && row;
  }, 120_000);
const over = (redriveId: string): Promise<RedriveRow> =>
  eventually('the end of the redrive', async () => {
    const row = await progress(redriveId);
    if (row.finishedMs !== null) return row;
    throw new Error(JSON.stringify(row));
  }, 200_000);
const rows = async <Row extends Record<string, unknown>>(text: string, values: unknown[] = []): Promise<Row[]> => {
  const sql = await sqlClient(site);
  try {
    return (await sql.query<Row>(text, values)).rows;
  } finally {
    await sql.end();
  }
};

describe('ten thousand', () => {
  test('are previewed, run at their rate, survive three kills, and each is handled once', async () => {
    const family = await plant(MANY, 'many');
    const scope = { kind: 'family', family };
    const preview = await site.api<RedrivePreview>('/redrives/preview', { scope });
    expect(preview).toMatchObject({ total: MANY, willRun: MANY, inputsChecked: MANY, jobTypes: [{ replaySafety: 'guarded', emits: ['communication.MessageSent'] }] });
    const { redriveId } = await site.api<RedriveRow>('/redrives', { scope, asOfMs: preview.asOfMs, reason: 'receiver is back', ratePerSecond: 1_500, canary: 10 });

    await passed(redriveId, 1_500);
    await site.kill();
    for (const point of ['before-redrive-commit:12', 'after-redrive-commit:12']) {
      env.SPINE_FAULT_POINT = point;
      // It kills itself there, which may be before it has said that it is up.
      await site.start().catch(() => {});
      await site.ended();
    }
    env.SPINE_FAULT_POINT = '';
    await site.start();
    expect(await over(redriveId)).toMatchObject({ state: 'done', total: MANY, redriven: MANY, succeeded: MANY, failed: 0, skipped: 0 });

    const [counts] = await rows<{ letters: string; jobs: string; completed: string; twice: string; left: string }>(
      `SELECT (SELECT count(*) FROM spine.dead_letter WHERE family = $1 AND status = 'redriven') AS letters,
              (SELECT count(DISTINCT job_id) FROM spine.job_ledger WHERE kind = 'enqueued' AND detail->>'redriveOf' IS NOT NULL) AS jobs,
              (SELECT count(DISTINCT job_id) FROM spine.job_ledger WHERE kind = 'completed') AS completed,
              (SELECT count(*) FROM (SELECT 1 FROM spine.job_ledger WHERE kind IN ('enqueued', 'completed', 'redriven') GROUP BY job_id, kind HAVING count(*) > 1) x) AS twice,
              (SELECT count(*) FROM pgboss.job WHERE name = 'interactive' AND state < 'completed') AS left`,
      [family],
    );
    expect(counts && Object.values(counts).map(Number)).toEqual([MANY, MANY, expect.any(Number), 0, 0]);
    expect(Number(counts?.completed)).toBeGreaterThanOrEqual(MANY);
    // Outside: a delivery in flight when the process died may be repeated, but never under another key.
    const keys = new Map<string, Set<string>>();
    for (const { body, idempotencyKey } of receiver.received) keys.set(String(body.body), (keys.get(String(body.body)) ?? new Set()).add(idempotencyKey));
    expect(keys.size).toBe(MANY);
    expect([...keys.values()].filter((each) => each.size !== 1)).toEqual([]);
  }, 400_000);

  test('the order stands in the audit before anything is done, and each new job in the trace of the old one', async () => {
    const requested = await eventually('the audit events', async () => {
      const { events } = await site.api<{ events: { eventType: string; seq: number; summary: string }[] }>('/events?filter[type]=system.RedriveRequested');
      return events[0];
    });
    const [first] = await rows<{ id: string; redriven_as: string; correlation_id: string }>(`SELECT id, redriven_as, correlation_id FROM spine.dead_letter WHERE status = 'redriven' ORDER BY died_at LIMIT 1`);
    const trace = await eventually('its trace', async () => {
      const found = await site.api<Trace>(`/traces/${first?.correlation_id ?? ''}`);
      return found.events.length > 0 && found.jobs.filter(({ state }) => state === 'completed').length > 0 && found;
    });
    expect(trace.jobs.filter(({ jobType }) => jobType === 'SendOutgoingMessageJob')).toMatchObject([{ jobId: first?.id, state: 'redriven', attemptList: [{ outcome: 'dead' }] }, { jobId: first?.redriven_as, redriveOf: first?.id, state: 'completed' }]);
    expect(Math.min(...trace.events.map(({ seq }) => seq))).toBeGreaterThan(requested.seq);
    const detail = await site.api<DeadLetterDetail>(`/dead-letters/${first?.id ?? ''}`);
    expect(detail).toMatchObject({ row: { status: 'redriven', redrivenAs: first?.redriven_as }, redrives: [{ state: 'succeeded' }], decision: { reason: 'receiver is back' } });
    await eventually('its end as an event', async () => {
      const { events } = await site.api<{ events: { summary: string }[] }>('/events?filter[type]=system.RedriveFinished');
      return events.length === 1 && events[0]?.summary.includes('done');
    });
  });
});

describe('what is on record', () => {
  test('is not repeated outside: a finished job is skipped, a recorded delivery is not sent again', async () => {
    const family = await plant(30, 'recorded');
    await rows(`INSERT INTO spine.effect (idempotency_key, effect) SELECT idempotency_key, '' FROM spine.dead_letter WHERE family = $1 ORDER BY died_at LIMIT 10`, [family]);
    await rows(`INSERT INTO spine.effect (idempotency_key, effect, result) SELECT idempotency_key, 'send', '{"value": {"externalId": "x"}}' FROM spine.dead_letter WHERE family = $1 ORDER BY died_at DESC LIMIT 15`, [family]);
    const scope = { kind: 'family', family };
    expect(await site.api<RedrivePreview>('/redrives/preview', { scope })).toMatchObject({ total: 30, willRun: 20, partlyDone: 15, skipped: { alreadyDone: 10 } });
    const { redriveId } = await site.api<RedriveRow>('/redrives', { scope });
    expect(await over(redriveId)).toMatchObject({ state: 'done', skipped: 10, succeeded: 20 });
    const bodies = receiver.received.filter(({ body }) => String(body.body).startsWith('recorded')).map(({ body }) => body.body);
    expect(bodies.sort()).toEqual(['recorded 11', 'recorded 12', 'recorded 13', 'recorded 14', 'recorded 15']);
  });

  test('what is unsafe is refused without the explicit yes: the gateway is not asked', async () => {
    const family = await plant(4, 'call', 'PlaceCallJob');
    const scope = { kind: 'family', family };
    await expect(site.api('/redrives', { scope })).rejects.toThrow(/409.*unsafe to repeat/);
    expect(gateway.received).toEqual([]);
    const { redriveId } = await site.api<RedriveRow>('/redrives', { scope, repeatUnsafe: true });
    expect(await over(redriveId)).toMatchObject({ succeeded: 4 });
    expect(gateway.received).toHaveLength(4);
  });
});

describe('the edges', () => {
  test('a misspelt filter is refused, instead of reaching everything', async () => {
    await expect(site.api('/redrives/preview', { scope: { kind: 'filter', filter: { famly: 'x' } } })).rejects.toThrow(/400/);
    await expect(site.api('/discards', { scope: { kind: 'everything' }, reason: 'x' })).rejects.toThrow(/400/);
  });

  test('dead letters are downloaded as NDJSON with the token, and by nobody else', async () => {
    const family = await plant(1_100, 'export');
    const response = await site.request(`/api/dead-letters.ndjson?family=${family}`);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n').map((line) => JSON.parse(line) as { deadLetterId: string; family: string });
    expect(new Set(lines.map(({ deadLetterId }) => deadLetterId)).size).toBe(1_100);
    expect(new Set(lines.map((line) => line.family))).toEqual(new Set([family]));
    expect((await fetch(new URL('/api/dead-letters.ndjson', site.info.url))).status).toBe(401);
    expect((await site.request('/api/dead-letters.ndjson?famly=x')).status).toBe(400);
  });

  test('ignored families are no call for attention', async () => {
    const waiting = async (): Promise<SiteStatus['deadLetters']> => (await site.api<SiteStatus>('/site/status')).deadLetters;
    // A status is given again while it is fresh: the one to compare with must have seen what the tests before planted.
    const planted = Number((await rows<{ n: string }>(`SELECT count(*) AS n FROM spine.dead_letter WHERE status = 'waiting'`))[0]?.n);
    const before = await eventually('a status that has seen all dead letters', async () => {
      const now = await waiting();
      return now.waiting === planted && now;
    });
    const family = await plant(9, 'ignored');
    await site.api(`/failure-families/${family}/mark`, { mark: { kind: 'ignored', untilMs: Date.now() + 600_000 }, reason: 'test calls' });
    expect(await eventually('the status', async () => {
      const now = await waiting();
      return now.ignored === 9 && now;
    })).toMatchObject({ waiting: before.waiting, ignored: 9 });
  });
});
