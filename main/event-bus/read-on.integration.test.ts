/** Reading past events on a real site: all of them, in order, also where a mirror of the stream holds only a part. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplayDetail } from '../../shared/operator-api/index.ts';
import { eventually, SiteProcess } from '../../tests/support/site-process.ts';

let site: SiteProcess;
beforeAll(async () => {
  site = new SiteProcess();
  await site.start();
});
afterAll(async () => {
  await site?.dispose();
});

test('twenty dry runs in a row see every event of another domain than the mirror has', async () => {
  for (let n = 0; n < 40; n += 1) {
    await site.publish('connector.SyncFailed', { connectorId: 'c', error: 'x', willRetry: false });
    await site.publish('communication.CallEnded', { callId: `c-${n}`, durationSeconds: 1, outcome: 'answered' });
  }
  for (let run = 0; run < 20; run += 1) {
    const { replayId } = await site.api<{ replayId: string }>('/replays/dry-run', { filter: { type: 'communication.CallEnded' } });
    const { row } = await eventually('the dry run to end', async () => {
      const detail = await site.api<ReplayDetail>(`/replays/${replayId}`);
      return detail.row.status !== 'running' && detail;
    });
    expect(row).toMatchObject({ status: 'completed', counts: { matched: 40, read: row.toSeq - row.fromSeq + 1 } });
  }
});
