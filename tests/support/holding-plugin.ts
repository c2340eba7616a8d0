/** A plugin for tests that steer jobs: HoldJob, on the queue `hold`, holds until it is told to stop, fails, or ends, as its event says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the plugin's event asks for. */
export const HOLD_WANTED = 'data.HoldWanted';

const SOURCE = `
export default ({ z, definePlugin, defineEvent, defineJob, defineHandler, on, RetryableError }) => {
  const wanted = { who: z.string(), does: z.enum(['hold', 'fail', 'end']) };
  const HoldWanted = defineEvent({ type: '${HOLD_WANTED}', description: 'A job that holds is wanted.', schema: z.looseObject(wanted), example: { who: 'ada', does: 'hold' } });
  const HoldJob = defineJob({
    type: 'HoldJob', description: 'Holds until it is told to stop.', tier: 'interactive', queue: 'hold', replaySafety: 'idempotent',
    schema: z.looseObject(wanted), triggers: [on(HoldWanted)], retry: { maxAttempts: 5, baseMs: 3_600_000, capMs: 3_600_000 },
  });
  const hold = defineHandler(HoldJob, async ({ input, signal, progress }) => {
    if (input.does === 'end') return;
    if (input.does === 'fail') throw new RetryableError('the other side is away');
    progress(0.4, 'holding');
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
  });
  return definePlugin({ name: 'holding', events: [HoldWanted], jobs: [HoldJob], handlers: [hold] });
};
`;

/** Write it into a site's folder `plugins`, which its configuration must name. */
export function writeHoldingPlugin(siteFolder: string): void {
  const folder = join(siteFolder, 'plugins', 'holding');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.js'), SOURCE);
}
