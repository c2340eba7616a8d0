/** Traces that are worth a picture, made by a real site: retries with a long wait, a file of a thousand records, a comparison. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Trace } from '../shared/operator-api/index.ts';
import { Receiver } from '../tests/support/receiver.ts';
import { eventually, SiteProcess } from '../tests/support/site-process.ts';
import { vipCall, vipSite } from '../tests/support/vip-site.ts';

export interface TraceScene {
  readonly name: string;
  /** Of the console, after the `#/`. */
  readonly path: string;
  /** What to do before the picture is taken. */
  readonly act?: (page: Page) => Promise<void>;
}
export interface TraceScenes {
  readonly site: SiteProcess;
  readonly scenes: readonly TraceScene[];
  close(): Promise<void>;
}

/** Records of the file; each becomes five nodes. */
const RECORDS = 1_000;
const CITIES = ['Berlin', 'Hamburg', 'Leipzig', 'Bremen'];

export async function openTraceScenes(): Promise<TraceScenes> {
  const receiver = new Receiver();
  const url = await receiver.start();
  let refusals = 0;
  receiver.answer = ({ body }) => {
    const delayMs = 40 + Math.random() * 60;
    if (String(body.body).includes('+49 40 666')) return { status: 400, delayMs };
    if (!String(body.body).includes('+49 40 555')) return { status: 200, delayMs };
    refusals += 1;
    // Twice for reasons of its own, then it asks to be left alone for a while.
    if (refusals === 1 || refusals === 2) return { status: 502, delayMs };
    return refusals === 3 ? { status: 503, headers: { 'retry-after': '14' }, delayMs } : { status: 200, delayMs };
  };
  const site = new SiteProcess({
    config: vipSite(url, {
      site: 'workshop-3',
      connectors: [{
        id: 'customers', kind: 'folder', path: 'drop', idField: 'id',
        mapping: `number > 0 and number % 211 = 0 ? $error("the city of " & id & " is not known") : { "entityType": "customer", "entityId": id, "attributes": { "name": name, "city": city } }`.replaceAll('number', '$number(number)'),
      }],
    }),
  });
  mkdirSync(join(site.folder, 'drop'));
  await site.start();
  const settled = (correlationId: string, nodes: number): Promise<Trace> =>
    eventually('the trace to end', async () => {
      const trace = await site.api<Trace>(`/traces/${correlationId}`);
      return trace.events.length + trace.jobs.length >= nodes && trace.jobs.every(({ state }) => state === 'completed' || state === 'dead') && trace;
    }, 120_000);
  const well = await site.publish('communication.CallStarted', vipCall('pbx-7-1029'), { source: 'pbx-1' });
  await settled(well.correlationId, 7);
  const retried = await site.publish('communication.CallStarted', { ...vipCall('pbx-7-1030'), from: '+49 40 555' }, { source: 'pbx-1' });
  const lost = await site.publish('communication.CallStarted', { ...vipCall('pbx-7-1031'), from: '+49 40 666' }, { source: 'pbx-1' });
  await settled(lost.correlationId, 5);
  writeFileSync(join(site.folder, 'drop', 'customers.csv'), ['id,number,name,city', ...Array.from({ length: RECORDS }, (_, n) => `c-${n},${n},Customer ${n},${CITIES[n % CITIES.length] ?? ''}`)].join('\n'));
  const dead = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'PlaceCallJob', input: { to: '+49 30 1' } });
  const large = await eventually('the records to be written', async () => {
    const { traces } = await site.api<{ traces: { correlationId: string; jobs: number; open: number }[] }>('/traces/search?query=job:IndexDocumentJob');
    return traces.find(({ jobs, open }) => jobs > 2.9 * RECORDS && open === 0);
  }, 120_000);
  const trace = await settled(retried.correlationId, 7);
  const send = trace.jobs.find(({ jobType }) => jobType === 'SendOutgoingMessageJob');
  return {
    site,
    scenes: [
      { name: 'trace', path: `traces/${well.correlationId}` },
      { name: 'trace-retries', path: `traces/${retried.correlationId}?node=job:${send?.jobId ?? ''}` },
      { name: 'trace-large', path: `traces/${large.correlationId}` },
      { name: 'trace-graph', path: `traces/${retried.correlationId}?view=graph` },
      { name: 'trace-graph-large', path: `traces/${large.correlationId}?view=graph` },
      { name: 'trace-compare', path: `compare?a=${retried.correlationId}&b=${lost.correlationId}` },
      { name: 'traces-slowest', path: 'traces?order=slowest&q=since%3A1h' },
      {
        name: 'trace-why-not', path: `traces/${dead.correlationId}`,
        act: async (page) => {
          await page.keyboard.press('w');
          await page.getByRole('combobox', { name: 'Expected event or job' }).fill('communication.CallPlaced');
          await page.keyboard.press('Enter');
          await page.getByRole('region', { name: 'Answer' }).waitFor();
        },
      },
    ],
    async close() {
      await site.dispose();
      await receiver.stop();
    },
  };
}
