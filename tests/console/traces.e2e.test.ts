/** The trace explorer as an engineer uses it: every shape that the spine makes, on a real site, in a real Chromium. */
import { randomUUID } from 'node:crypto';
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstream } from '@nats-io/jetstream';
import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { createEvent } from '../../shared/envelope.ts';
import type { SiteStatus, Trace, WhyNotAnswer } from '../../shared/operator-api/index.ts';
import type { OtlpTrace } from '../../shared/trace-to-otlp.ts';
import { consoleStory, SOON } from '../support/console-story.ts';
import { attributesOf, Collector } from '../support/collector.ts';
import { Receiver } from '../support/receiver.ts';
import { natsClient } from '../support/site-clients.ts';
import { eventually, SiteProcess } from '../support/site-process.ts';
import { vipCall, vipSite } from '../support/vip-site.ts';

const RECORDS = 60;

const receiver = new Receiver();
const collector = new Collector();
let site: SiteProcess;
let page: Page;
/** Correlations: one that went well at once, one whose message failed twice before. */
let well: string;
let retried: string;

const story = consoleStory(async () => {
  site = new SiteProcess({
    config: vipSite(await receiver.start(), {
      connectors: [{ id: 'customers', kind: 'folder', path: 'drop', idField: 'id', mapping: '{ "entityType": "customer", "entityId": id, "attributes": { "name": name } }' }],
      schedules: [{ id: 'each-minute', cron: '* * * * *', jobType: 'SyncConnectorDataJob', input: { connectorId: 'customers' } }],
      telemetry: { traceUrl: 'https://traces.invalid/trace/{traceId}' },
    }),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: await collector.start(), OTEL_BSP_SCHEDULE_DELAY: '200' },
    nodeArgs: ['--import', pathToFileURL(join(import.meta.dirname, '../faults/fault-control.ts')).href],
  });
  mkdirSync(join(site.folder, 'drop'));
  await site.start();
  let refusals = 0;
  receiver.answer = ({ body }) => (String(body.body).includes('+49 30 77') && (refusals += 1) <= 2 ? { status: 503, delayMs: 30 } : { status: 200 });
  well = (await site.publish('communication.CallStarted', vipCall('goes-well'))).correlationId;
  const response = await site.request('/api/events', { eventType: 'communication.CallStarted', source: 'pbx', data: { ...vipCall('is-retried'), from: '+49 30 77' } }, { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=1' });
  retried = ((await response.json()) as { correlationId: string }).correlationId;
  return site;
}, () => Promise.all([receiver.stop(), collector.stop()]));
const { panel, violations } = story;
beforeEach(() => void ({ page } = story));

const tree = (): Locator => page.getByRole('treegrid', { name: 'Trace' });
const row = (text: string | RegExp): Locator => tree().locator('[role="row"][aria-rowindex]').filter({ hasText: text });
const open = (correlationId: string, search = ''): Promise<unknown> => page.goto(`${site.info.url}#/traces/${correlationId}${search}`);
/** The tree on screen: level, name, marks and state of each row, from top to bottom. */
async function rowsOnScreen(): Promise<string[]> {
  return tree().locator('[role="row"][aria-rowindex]').evaluateAll((rows) =>
    rows
      .sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
      .map((each) => [each.getAttribute('aria-level'), each.querySelector('.node .mono')?.textContent ?? 'gap', each.querySelector('.node-note')?.textContent?.replace(/^\S+/, '').replace(/^ · /, ''), each.querySelector('.status')?.textContent].filter(Boolean).join(' ')),
  );
}
const settled = (correlationId: string, jobs: number): Promise<Trace> =>
  eventually(`${jobs} jobs of ${correlationId} to end`, async () => {
    const trace = await site.api<Trace>(`/traces/${correlationId}`).catch(() => null);
    return trace !== null && trace.jobs.length >= jobs && trace.jobs.every(({ state }) => ['completed', 'dead', 'redriven', 'discarded'].includes(state)) && trace;
  });

describe('every shape', () => {
  test('fan-out: a file of records becomes one tree; a filter hides the rest, the map shows the whole', async () => {
    writeFileSync(join(site.folder, 'drop', 'customers.csv'), ['id,name', ...Array.from({ length: RECORDS }, (_, n) => `c-${n},Customer ${n}`)].join('\n'));
    const { correlationId } = await eventually('the trace of the file', async () => {
      const { traces } = await site.api<{ traces: { correlationId: string; jobs: number; open: number }[] }>('/traces/search?query=job:IndexDocumentJob');
      return traces.find(({ jobs, open: still }) => jobs > 3 * RECORDS && still === 0);
    }, 40_000);
    await open(correlationId);
    await row('SyncConnectorDataJob').first().waitFor();
    await page.locator('.minimap').waitFor();
    const shown = page.locator('.trace-shown');
    await expect.poll(() => shown.textContent(), SOON).toMatch(/^3\d\d nodes$/);
    await page.getByRole('textbox', { name: 'Filter this trace' }).fill('IndexDocument');
    await expect.poll(() => shown.textContent(), SOON).toMatch(new RegExp(`^${RECORDS} of 3\\d\\d found$`));
    // What leads to what was found stays, nothing else does.
    const names = new Set((await rowsOnScreen()).map((line) => line.split(' ')[1]));
    expect(names).not.toContain('connector.SyncStarted');
    expect(names).toContain('connector.DataReceived');
    await page.getByRole('textbox', { name: 'Filter this trace' }).fill('');
    await page.getByText('Graph', { exact: true }).click();
    await page.getByText(/nodes in \d+ boxes: siblings of one kind stand together/).waitFor();
    await page.getByText(`× ${RECORDS}`).first().waitFor();
  });

  test('retry then success: what failed, how long it waited, folded idle time that opens, and the critical path', async () => {
    await settled(retried, 3);
    await open(retried);
    await expect.poll(rowsOnScreen, SOON).toEqual([
      '1 communication.CallStarted', '2 RunRuleEngineJob completed', '3 rule.ConditionMatched', '3 rule.ActionTriggered', '4 SendOutgoingMessageJob completed', '5 communication.MessageSent', '6 RunRuleEngineJob completed',
    ]);
    expect(await row('SendOutgoingMessageJob').locator('.bar-failed').count()).toBe(2);
    expect(await row('SendOutgoingMessageJob').locator('.bar-cross').count()).toBe(2);
    // Trouble bubbles up, and the path says where the time went.
    expect(await row('communication.CallStarted').locator('.below').textContent()).toContain('↻ 1');
    expect(await page.locator('.path-strip').innerText()).toMatch(/Critical path [\d.]+ s[^]*retry wait [\d.]+ m?s/);
    await row('rule.ConditionMatched').getByText('owes nothing').waitFor();
    const folds = page.locator('.axis-fold:not(.axis-fold-open)');
    const before = await folds.count();
    expect(before).toBeGreaterThan(0);
    await folds.first().click();
    await expect.poll(() => folds.count(), SOON).toBe(before - 1);
    await page.locator('.axis-fold-open').click();
    await expect.poll(() => folds.count(), SOON).toBe(before);
    await page.getByRole('button', { name: 'Trouble 1' }).click();
    await expect.poll(async () => (await rowsOnScreen()).at(-1), SOON).toBe('4 SendOutgoingMessageJob completed');
    expect(await violations()).toEqual([]);
  });

  test('dead letter then redrive: the new job hangs under the dead one', async () => {
    const { correlationId } = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'PlaceCallJob', input: { to: '+49 30 1' } });
    const trace = await settled(correlationId, 1);
    const dead = trace.jobs.find(({ jobType }) => jobType === 'PlaceCallJob');
    await open(correlationId);
    await row('PlaceCallJob').getByText('dead letter').waitFor();
    expect(await row('rule.ActionTriggered').locator('.below').textContent()).toContain('✗ 1');
    await site.api('/redrives', { scope: { kind: 'filter', filter: { jobType: 'PlaceCallJob' } }, reason: 'to be seen', repeatUnsafe: true });
    // The page that is open shows it by itself.
    await expect.poll(rowsOnScreen, SOON).toEqual(['1 rule.ActionTriggered', '2 PlaceCallJob redriven', '3 PlaceCallJob redrive dead letter']);
    await row('redrive').last().click();
    await panel('Job').getByText('Redrive of').waitFor();
    await panel('Job').getByRole('button', { name: /cause/ }).click();
    await expect.poll(() => decodeURIComponent(page.url()), SOON).toContain(`job:${dead?.jobId ?? 'none'}`);
  });

  test('replay: the job that is run again stands beside the first, marked', async () => {
    const { correlationId, seq } = await site.publish('communication.CallStarted', { ...vipCall('replayed'), customer: { tier: 'other' } });
    await settled(correlationId, 1);
    await site.api('/replays', { filter: { fromSeq: seq, toSeq: seq }, mode: 'force', reason: 'to be seen' });
    await open(correlationId);
    await expect.poll(rowsOnScreen, SOON).toEqual(['1 communication.CallStarted', '2 RunRuleEngineJob completed', '2 RunRuleEngineJob replay completed']);
  });

  test('a gap, mended when what was missing arrives; a cycle, cut and marked; a message set aside in its place', async () => {
    const [missingId, correlationId] = [randomUUID(), randomUUID()];
    await site.publish('connector.LocationUpdated', { subject: 'van-1', latitude: 1, longitude: 2 }, { correlationId, causationId: missingId });
    await open(correlationId);
    await row('not known').waitFor();
    expect((await rowsOnScreen())[0]).toMatch(/^1 gap|^1 [0-9a-f]{8}/);
    await row('not known').click();
    await panel('Gap').getByText(missingId).waitFor();
    await site.publish('communication.CallStarted', { ...vipCall('late'), customer: { tier: 'other' } }, { eventId: missingId, correlationId });
    await expect.poll(async () => (await rowsOnScreen()).slice(0, 2), SOON).toEqual(['1 communication.CallStarted', '2 connector.LocationUpdated']);

    const [a, b] = [randomUUID(), randomUUID()];
    await site.publish('connector.LocationUpdated', { subject: 'a', latitude: 1, longitude: 2 }, { eventId: a, causationId: b, correlationId });
    await site.publish('connector.LocationUpdated', { subject: 'b', latitude: 1, longitude: 2 }, { eventId: b, causationId: a, correlationId });
    await row('cycle, cut here').waitFor();

    const connection = await natsClient(site);
    const refused = createEvent({ eventType: 'communication.CallStarted', source: 'raw', data: { callId: 7 }, correlationId, causationId: missingId });
    await jetstream(connection).publish(refused.eventType, JSON.stringify(refused), { msgID: refused.eventId });
    await connection.close();
    // Nothing valid followed, so the next event brings it to the page.
    await site.publish('connector.LocationUpdated', { subject: 'c', latitude: 1, longitude: 2 }, { correlationId, causationId: missingId });
    await expect.poll(() => site.api(`/events/${refused.eventId}/owed`).catch(() => null), SOON).toMatchObject({ steps: [{ verdict: 'set-aside', words: { text: expect.stringContaining('callId') } }] });
    await row('set aside').first().click();
    await panel('Message set aside').getByText(/callId/).first().waitFor();
  });

  test('live growth: a correlation that is not there yet is waited for, then watched while it waits, runs and ends', async () => {
    const correlationId = randomUUID();
    await open(correlationId);
    await page.getByText('Nothing is known of this correlation').waitFor();
    const before = receiver.answer;
    receiver.answer = () => ({ status: 200, delayMs: 1_500 });
    await site.publish('communication.CallStarted', vipCall('grows'), { correlationId });
    await row('SendOutgoingMessageJob').getByText('running').waitFor();
    await row('SendOutgoingMessageJob').locator('.bar-running').waitFor();
    await row('communication.MessageSent').waitFor();
    await row('SendOutgoingMessageJob').getByText('completed').waitFor();
    receiver.answer = before;
  });

  test('why did this not happen? Waiting in a paused queue, dead, not owed, routed to nothing, and yes it did', async () => {
    const ask = (correlationId: string, expected: string): Promise<WhyNotAnswer> => site.api(`/traces/${correlationId}/why-not?expected=${expected}`);
    const { correlationId } = await site.publish('communication.CallStarted', { ...vipCall('no-vip'), customer: { tier: 'other' } });
    await settled(correlationId, 1);
    expect(await ask(correlationId, 'communication.MessageSent')).toMatchObject({ kind: 'event', verdict: 'decided', steps: [{ verdict: 'not-owed' }, { verdict: 'decided', words: { text: expect.stringContaining('did not publish rule.ActionTriggered') } }] });
    expect(await ask(correlationId, 'RunRuleEngineJob')).toMatchObject({ verdict: 'happened' });

    await site.api('/queues/interactive/pause', { reason: 'the receiver is being moved' });
    const waits = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'SendOutgoingMessageJob', input: { channel: 'ops', to: 'ops', subject: 'x', body: 'held' } });
    await eventually('the job to wait', async () => (await site.api<Trace>(`/traces/${waits.correlationId}`)).jobs.some(({ state }) => state === 'waiting'));
    expect(await ask(waits.correlationId, 'communication.MessageSent')).toMatchObject({ verdict: 'waiting', steps: [{ words: { text: expect.stringMatching(/the queue interactive is paused \(by .*: the receiver is being moved\)/) } }] });
    await site.api('/queues/interactive/resume', {});

    const dead = await site.publish('rule.ActionTriggered', { ruleId: 'by-hand', jobType: 'SendFaxJob', input: { to: '+49 30 2', documentUrl: 'http://x.invalid/a.pdf' } });
    await settled(dead.correlationId, 1);
    await open(dead.correlationId);
    await row('SendFaxJob').waitFor();
    await page.keyboard.press('w');
    const dialog = page.getByRole('dialog', { name: 'Why did this not happen?' });
    await dialog.getByRole('combobox', { name: 'Expected event or job' }).fill('communication.FaxSent');
    await page.keyboard.press('Enter');
    const answer = dialog.getByRole('region', { name: 'Answer' });
    await answer.getByText(/FaxSent is published when SendFaxJob succeeds\. SendFaxJob is a dead letter/).waitFor();
    expect(await violations()).toEqual([]);
    await answer.getByRole('link', { name: 'Show it' }).click();
    await panel('Job').getByText(/gateways\.fax|not valid/).first().waitFor();

    const { correlationId: nothing, eventId } = await site.publish('system.HealthCheckRecovered', { component: 'lift', downMs: 3 });
    await open(nothing, `?node=event:${eventId}`);
    await panel('Event').getByText(/it was routed to nothing/).waitFor();
  });
});

describe('finding, comparing, taking along', () => {
  test('by payload field, by error, by text, by duration; a mistake says what is understood', async () => {
    await settled(retried, 3);
    await page.goto(`${site.info.url}#/traces`);
    const box = page.getByRole('combobox', { name: 'Find traces' });
    const found = page.getByRole('grid', { name: 'Traces' });
    const idsFound = (): Promise<string[]> => found.locator('[role="row"][aria-rowindex]').evaluateAll((rows) => rows.map(({ id }) => id.slice('row-'.length)));
    for (const line of ['data.from:"+49 30 77"', 'error:RetryableError type:communication.CallStarted', '"is-retried"', 'took:>1s job:SendOutgoingMessageJob state:failed source:pbx']) {
      await expect.poll(async () => {
        await box.fill(line);
        await box.press('Enter');
        await page.getByText(/^found in/).waitFor();
        return idsFound();
      }, { ...SOON, interval: 300 }).toEqual([retried]);
    }
    await box.fill('colour:red');
    await box.press('Enter');
    await page.getByText(/There is no filter “colour:”/).waitFor();
    expect(story.takeProblems().every((problem) => /400|Bad Request/.test(problem))).toBe(true);
  });

  test('by keyboard alone: the slowest trace is found, opened, and explained', async () => {
    await settled(retried, 3);
    await page.keyboard.type('gt');
    await page.getByRole('heading', { name: 'Traces', level: 1 }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('source:pbx');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    await page.getByText(/the slowest first/).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await tree().waitFor();
    expect(page.url()).toContain(retried);
    // The next trouble, with every attempt and its error; then along the critical path to the end.
    await page.keyboard.press('n');
    await panel('Job').getByText(/HTTP 503/).first().waitFor();
    expect(await panel('Job').innerText()).toMatch(/on the critical path[^]*Retry wait[^]*of all/);
    const url = page.url();
    await page.keyboard.press('m');
    await expect.poll(() => page.url(), SOON).not.toBe(url);
    await panel('Event').getByText('In this trace').waitFor();
    await page.keyboard.press('u');
    await panel('Job').waitFor();
    expect(page.url()).toBe(url);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => row('SendOutgoingMessageJob').getAttribute('aria-expanded'), SOON).toBe('false');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('v');
    await page.locator('.graph-box').first().waitFor();
    await page.keyboard.press('v');
    await page.keyboard.press('Escape');
    await panel('Job').waitFor({ state: 'hidden' });
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Next trouble (this page)').waitFor();
  });

  test('two traces side by side: what is slower, in words and in numbers', async () => {
    await Promise.all([settled(well, 3), settled(retried, 3)]);
    await open(well);
    await page.getByRole('button', { name: 'Compare…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Compare with another trace' });
    await dialog.getByRole('textbox', { name: 'Correlation id of the other trace' }).fill(retried);
    await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByText(/B took [\d.]+ s longer, mostly SendOutgoingMessageJob \(\+[\d.]+ s\)\. Both have the same nodes\./).waitFor();
    const rows = page.getByRole('treegrid', { name: 'Comparison' }).locator('[role="row"][aria-rowindex]');
    expect(await rows.count()).toBe(7);
    expect(await violations()).toEqual([]);
    await page.getByRole('button', { name: 'Differences only' }).click();
    await expect.poll(() => rows.filter({ hasText: 'SendOutgoingMessageJob' }).count(), SOON).toBe(1);
    await page.getByRole('button', { name: 'Swap' }).click();
    await page.getByText(/B took [\d.]+ s less/).waitFor();
  });

  test('exports: JSON, OTLP JSON, Mermaid, SVG and PNG hold the trace', async () => {
    await settled(retried, 3);
    await open(retried);
    await row('communication.MessageSent').waitFor();
    const exported = async (item: RegExp): Promise<Buffer> => {
      await page.getByRole('button', { name: 'Export' }).click();
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: item }).click()]);
      return readFileSync(await download.path());
    };
    expect((JSON.parse((await exported(/^JSON/)).toString()) as Trace).jobs.flatMap(({ attemptList }) => attemptList)).toHaveLength(5);
    const otlp = JSON.parse((await exported(/^OTLP/)).toString()) as OtlpTrace;
    expect(otlp.resourceSpans[0].scopeSpans[0].spans.filter(({ name }) => name === 'process interactive').map(({ status }) => status.code)).toEqual([2, 2, 0]);
    expect((await exported(/^Mermaid/)).toString()).toMatch(/^flowchart TD\n {2}n0\(\["communication\.CallStarted"\]\)[^]*SendOutgoingMessageJob/);
    expect((await exported(/^SVG/)).toString()).toMatch(/^<svg [^]*SendOutgoingMessageJob[^]*<\/svg>$/);
    expect((await exported(/^PNG/)).subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  });
});

describe('for those who have a backend', () => {
  test('spans of the real spine: below the caller, with links, counted on the page; the trace leads to the tracing tool; metrics with the token only', async () => {
    await settled(retried, 3);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const ours = (): typeof collector.spans => collector.spans.filter((span) => span.traceId === traceId);
    await expect.poll(() => ours().filter(({ name }) => name === 'process interactive').length, SOON).toBe(3);
    const byId = new Map(ours().map((span) => [span.spanId, span]));
    const chain = (span: (typeof collector.spans)[number] | undefined): string[] => (span ? [span.name, ...chain(byId.get(span.parentSpanId ?? ''))] : []);
    const attempts = ours().filter(({ name }) => name === 'process interactive').sort((a, b) => Number(attributesOf(a)['spine.job.attempt']) - Number(attributesOf(b)['spine.job.attempt']));
    expect(attempts.map(({ status }) => status.code)).toEqual([2, 2, 0]);
    expect(chain(attempts[2])).toEqual(['process interactive', 'route interactive', 'process realtime', 'route realtime', 'publish communication.CallStarted']);
    expect(byId.get(attempts[2]?.links[0]?.spanId ?? '')?.name).toBe('route interactive');
    expect(ours().find(({ name }) => name === 'publish communication.CallStarted')?.parentSpanId).toBe('b7ad6b7169203331');
    expect(new Set(collector.spans.map(({ name }) => name.split(' ')[0]))).toEqual(new Set(['publish', 'receive', 'route', 'process', 'handle', 'relay']));
    // The context went along to the outside system.
    expect(receiver.received.filter(({ body }) => body.correlationId === retried).every(({ headers }) => String(headers.traceparent).includes(traceId))).toBe(true);

    await open(retried);
    expect(await page.getByRole('link', { name: 'Tracing tool' }).getAttribute('href')).toBe(`https://traces.invalid/trace/${traceId}`);
    const { telemetry, components } = await site.api<SiteStatus>('/site/status');
    expect(telemetry.export).toMatchObject({ dropped: 0, failed: 0 });
    expect(telemetry.export?.sent).toBeGreaterThan(10);
    expect(components.find(({ id }) => id === 'telemetry')?.detail.text).toMatch(/^\d+ spans sent to http:\/\/127\.0\.0\.1:\d+\/, \d+ queued, 0 dropped$/);

    expect((await fetch(new URL('/metrics', site.info.url))).status).toBe(401);
    const text = await (await site.request('/metrics')).text();
    expect(text).toMatch(/^spine_handler_start_latency_seconds_bucket\{le="0\.1",tier="realtime"\} [1-9]/m);
    expect(text).toMatch(/^spine_attempts_total\{job_type="SendOutgoingMessageJob",outcome="failed"\} [1-9]/m);
    expect(text).toMatch(/^spine_relay_lag_seconds_count [1-9]/m);
    expect(text).toMatch(/^spine_jobs\{queue="realtime",tier="realtime",state="completed"\} [1-9]/m);
    expect(text).toMatch(/^spine_dead_letters_total\{job_type="PlaceCallJob"\} [1-9]/m);
    expect(text).toMatch(/^spine_otel_spans\{result="dropped"\} 0/m);
  });

  test('a schedule’s firing is the root of its trace, and of a trace of its own in the tracing tool', async () => {
    // Its minute comes at once: the clock of the site jumps there.
    await site.ask({ clockMs: 61_000 });
    const { correlationId } = await eventually('the schedule to fire', async () => {
      const { traces } = await site.api<{ traces: { correlationId: string; rootType: string }[] }>('/traces/search?query=type:system.ScheduleFired');
      return traces.find(({ rootType }) => rootType === 'system.ScheduleFired');
    });
    await settled(correlationId, 1);
    await open(correlationId);
    await expect.poll(async () => (await rowsOnScreen()).slice(0, 2), SOON).toEqual(['1 system.ScheduleFired', '2 SyncConnectorDataJob completed']);
    await row('system.ScheduleFired').getByLabel('schedule').waitFor();
    await expect.poll(() => collector.spans.find(({ name }) => name === 'publish system.ScheduleFired'), SOON).toMatchObject({ kind: 4 });
    expect(collector.spans.find(({ name }) => name === 'publish system.ScheduleFired')?.parentSpanId ?? '').toBe('');
  });
});
