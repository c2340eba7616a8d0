import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { jetstream } from '@nats-io/jetstream';
import { createEvent } from '/work/main/shared/envelope.ts';
import { natsClient, sqlClient } from '/work/main/tests/support/site-clients.ts';
import { eventually, SiteProcess } from '/work/main/tests/support/site-process.ts';
const rates = (process.argv[2] ?? '200,1000').split(',').map(Number);
const site = new SiteProcess({ env: process.env.PROF ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=/tmp/perf/prof` } 
: process.env.ZZ ? { ZZ: '1' } : {} });
if (process.env.ZZ) setInterval(() => { const o = site.output.split('\n').filter((l) => l.includes(' n')); console.log(o.at(-1)); }, 1000).unref();
await site.start();
const pid = site.info.pid;
const stat = (p: string) => { const t = readFileSync(p, 'utf8'); const name = t.slice(t.indexOf('(') + 1, t.lastIndexOf(')')); const f = t.slice(t.lastIndexOf(')') + 2).split(' '); return { name, ppid: Number(f[1]), cpu: (Number(f[11]) + Number(f[12])) * 10 }; };
const snap = () => {
  const out: Record<string, number> = {};
  for (const t of readdirSync(`/proc/${pid}/task`)) { const s = stat(`/proc/${pid}/task/${t}/stat`); const k = 'node:' + (t === String(pid) ? 'main' : s.name + ':' + t); out[k] = s.cpu; }
  out.nats = stat(`/proc/${site.serverPid('nats')}/stat`).cpu;
  const pg = site.serverPid('postgres'); 
  for (const d of readdirSync('/proc')) if (/^\d+$/.test(d)) try { const s = stat(`/proc/${d}/stat`); if (s.ppid === pg || Number(d) === pg) { out.pg = (out.pg ?? 0) + s.cpu; } } catch {}
  return out;
};
async function load(rate: number, events: number, quiet = false) {
  const c = await natsClient(site); const js = jetstream(c); const sql = await sqlClient(site);
  const ids: string[] = []; const pending: Promise<unknown>[] = [];
  const vm = quiet ? null : spawn('vmstat', ['2', String(Math.ceil(events / rate / 2) + 3)], { stdio: ['ignore', 'inherit', 'ignore'] });
  const before = snap(); const self = process.cpuUsage(); const from = performance.now();
  while (ids.length < events) {
    const due = Math.min(events, Math.floor(((performance.now() - from) / 1000) * rate) + 1);
    while (ids.length < due) { const e = createEvent({ eventType: 'connector.LocationUpdated', source: 'bench.' + rate, data: { subject: 'van-7', latitude: 52.52, longitude: 13.405 } }); ids.push(e.eventId); pending.push(js.publish(e.eventType, JSON.stringify(e), { msgID: e.eventId, timeout: 60000 })); }
    await new Promise((r) => setTimeout(r, 1));
  }
  const selfUsed = process.cpuUsage(self);
  await Promise.all(pending); const pub = performance.now() - from;
  const done = await eventually('end', async () => { const { rows } = await sql.query(`SELECT count(*) AS n FROM spine.effect WHERE effect = '' AND idempotency_key IN (SELECT job_id FROM spine.job_ledger WHERE kind='enqueued' AND (detail->>'triggeringEventId')::uuid = ANY($1::uuid[]))`, [ids]); const o = await sql.query('SELECT count(*) AS n FROM spine.outbox'); return Number(rows[0].n) === ids.length && Number(o.rows[0].n) === 0 && performance.now() - from; }, 120000);
  const after = snap();
  await new Promise((r) => setTimeout(r, 1500));
  const final = snap();
  const { rows } = await sql.query(`SELECT (c.detail->>'startedMs')::float8 - (e.detail->>'publishedMs')::float8 AS ms FROM spine.job_ledger e JOIN spine.job_ledger c ON c.job_id = e.job_id AND c.kind = 'completed' WHERE e.kind = 'enqueued' AND (e.detail->>'triggeringEventId')::uuid = ANY($1::uuid[]) ORDER BY 1`, [ids]);
  const at = (q: number) => rows[Math.min(rows.length - 1, Math.ceil(q * rows.length) - 1)].ms.toFixed(1);
  if (!quiet) {
    console.log(`${rate}/s: published ${(events / pub * 1000).toFixed(0)}/s done ${(events / done * 1000).toFixed(0)}/s p50 ${at(0.5)} p95 ${at(0.95)} p99 ${at(0.99)} max ${at(1)}`);
    const st = (await sql.query(`SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (e.detail->>'enqueuedMs')::float8 - (e.detail->>'publishedMs')::float8) r50, percentile_cont(0.99) WITHIN GROUP (ORDER BY (e.detail->>'enqueuedMs')::float8 - (e.detail->>'publishedMs')::float8) r99, percentile_cont(0.5) WITHIN GROUP (ORDER BY (c.detail->>'startedMs')::float8 - (e.detail->>'enqueuedMs')::float8) q50, percentile_cont(0.99) WITHIN GROUP (ORDER BY (c.detail->>'startedMs')::float8 - (e.detail->>'enqueuedMs')::float8) q99, percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch from c.at)*1000 - (c.detail->>'finishedMs')::float8) f50 FROM spine.job_ledger e JOIN spine.job_ledger c ON c.job_id = e.job_id AND c.kind = 'completed' WHERE e.kind = 'enqueued' AND (e.detail->>'triggeringEventId')::uuid = ANY($1::uuid[])`, [ids])).rows[0];
    console.log('   ', Object.entries(st).map(([k, v]) => k + ' ' + Number(v).toFixed(1)).join('  '));
    let total = 0;
    for (const k of Object.keys(final).sort((a, b) => (final[b]! - (before[b] ?? 0)) - (final[a]! - (before[a] ?? 0)))) { const v = (final[k]! - (before[k] ?? 0)) / events; total += v; if (v > 0.01) console.log('   ', k.padEnd(60), v.toFixed(3), 'ms/job'); }
    console.log('    total', total.toFixed(2), 'generator', ((selfUsed.user + selfUsed.system) / 1000 / events).toFixed(3));
  }
  await sql.end(); await c.close();
}
try { await load(200, 1000, true); for (const r of rates) await load(r, r <= 20 ? 100 : r <= 200 ? 2000 : 8000); if (process.env.PROF) await site.stop(); } finally { await site.dispose(); }
