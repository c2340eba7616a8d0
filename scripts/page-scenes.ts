/**
 * A demo site as it looks after an operator has worked on it: some dead letters redriven, some discarded, schedules made and paused, a replay looked
 * at, a backup made, a message set aside. All of it real: done through the operator API.
 */
import { jetstream } from '@nats-io/jetstream';
import type { DeadLetterRow, FailureFamilyRow, SiteStatus } from '../shared/operator-api/index.ts';
import { natsClient } from '../tests/support/site-clients.ts';
import { eventually, SiteProcess } from '../tests/support/site-process.ts';
import type { TraceScene } from './trace-scenes.ts';

/** Long enough for the demo to have had calls, failures and retries, ms. */
const TRAFFIC_MS = Number(process.env.SPINE_SCREENSHOT_TRAFFIC_MS ?? 45_000);

export async function openPageScenes(): Promise<{ site: SiteProcess; scenes: TraceScene[]; close(): Promise<void> }> {
  const site = new SiteProcess({ config: { site: 'workshop-3' } });
  try {
    await site.start('--demo');
    await new Promise((resolve) => setTimeout(resolve, TRAFFIC_MS));
    await work(site);
    const { rows: [letter] } = await site.api<{ rows: DeadLetterRow[] }>('/dead-letters');
    const { families: [family] } = await site.api<{ families: FailureFamilyRow[] }>('/failure-families');
    const { jobs: [job] } = await site.api<{ jobs: { jobId: string }[] }>('/jobs?jobType=SendOutgoingMessageJob&limit=1');
    const { redrives: [redrive] } = await site.api<{ redrives: { redriveId: string }[] }>('/redrives');
    const { replays: [replay] } = await site.api<{ replays: { replayId: string }[] }>('/replays');
    const { events: [event] } = await site.api<{ events: { eventId: string }[] }>('/events?filter[type]=communication.CallStarted&limit=1');
    const page = (name: string, path = name): TraceScene => ({ name, path });
    return {
      site,
      scenes: [
        page('overview', ''), page('flow', `flow?event=${event?.eventId ?? ''}`), page('traces'), page('tiers'), page('jobs', `jobs?job=${job?.jobId ?? ''}`),
        page('dead-letters', `dead-letters?family=${family?.family ?? ''}`), page('dead-letter', `dead-letters?view=letters&letter=${letter?.deadLetterId ?? ''}`),
        page('redrives', `redrives?redrive=${redrive?.redriveId ?? ''}`), page('set-aside'), page('schedules', 'schedules?schedule=nightly-backup'),
        page('replay', `replay?replay=${replay?.replayId ?? ''}`), page('rules', 'rules?rule=demo-vip-call'), page('connections', 'connections?open=demo-crm'), page('streams'), page('streams-retention', 'streams?retention=platform-events'), page('catalogue', 'catalogue?type=communication.CallStarted'), page('documents', 'documents?q=berlin&type=demo-customer&id=demo-1001'), page('audit'), page('alerts'), page('settings', 'settings?group=retention'), page('backups'),
      ],
      close: () => site.dispose(),
    };
  } catch (error) {
    await site.dispose();
    throw error;
  }
}

async function work(site: SiteProcess): Promise<void> {
  const connection = await natsClient(site);
  await jetstream(connection).publish('communication.CallStarted', new TextEncoder().encode('{"callId": "half a mess'));
  await jetstream(connection).publish('communication.MessageReceived', JSON.stringify({ eventType: 'communication.MessageReceived' }));
  await connection.close();
  await site.api('/schedules', { id: 'nightly-backup', cron: '30 2 * * *', timeZone: 'Europe/Berlin', jobType: 'BackupSiteJob', reason: 'asked for by the auditors' });
  await site.api('/schedules', { id: 'crm-hourly', cron: '5 * * * 1-5', timeZone: 'America/New_York', jobType: 'SyncConnectorDataJob', input: { connectorId: 'demo-crm' }, overlap: 'queue' });
  await site.api('/schedules/nightly-backup/run', { reason: 'before the update' });
  await site.api('/schedules/crm-hourly/pause', { reason: 'the CRM is being moved' });
  await eventually('the backup', async () => (await site.api<{ backups: unknown[] }>('/backups')).backups.length > 0);
  const { rows: [spared] } = await site.api<{ rows: DeadLetterRow[] }>('/dead-letters');
  if (spared) await site.api('/discards', { scope: { kind: 'selection', deadLetterIds: [spared.deadLetterId] }, reason: 'the caller was reached by hand' });
  await site.api('/redrives', { scope: { kind: 'filter', filter: { jobType: 'SendOutgoingMessageJob' } }, canary: 1, reason: 'the archive desk is back' });
  await site.api('/replays/dry-run', { filter: { type: 'communication.*' } });
  await eventually('the decisions to show', async () => {
    const { setAside } = await site.api<SiteStatus>('/site/status');
    const { replays: [replay] } = await site.api<{ replays: { status: string }[] }>('/replays');
    return setAside.total === 2 && replay?.status === 'completed';
  });
}
