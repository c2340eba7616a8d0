/** spine tail: events as they come. */
import type { EventRow } from '../../../shared/operator-api/index.ts';
import { command, onSite } from '../command-line.ts';
import { paint, say } from '../output.ts';
import { readStream } from '../site-client.ts';


export const tailCommand = command({
  command: 'tail',
  describe: 'Events as they come (with --json one a line); of more than 200 a second, a sample',
  builder: (argv) => argv
    .option('type', { type: 'string', describe: 'Event type, or the beginning of one: rule.*' })
    .option('source', { type: 'string', describe: 'Who published it' })
    .option('domain', { type: 'string', describe: 'Event domain' })
    .option('correlation', { type: 'string', describe: 'Correlation id' })
    .option('count', { alias: 'n', type: 'number', describe: 'Stop after so many' })
    .example('$0 tail --type "rule.*"', 'what the rules decide')
    .example('$0 tail --json | jq .eventType', 'for scripts'),
  async handler(given) {
    const { type, source, domain, correlation: correlationId, count = Infinity, json } = given;
    const filter = Object.fromEntries(Object.entries({ type, source, domain, correlationId }).filter(([, value]) => value !== undefined));
    await onSite(given, async (client) => {
      let shown = 0;
      for await (const batch of readStream(client, (opening) => client.flow.tail({ ...opening, filter }))) {
        for (const event of batch.events) {
          say(json ? JSON.stringify(event) : lineOf(event));
          if (++shown >= count) return;
        }
        const left = batch.matched - batch.events.length;
        if (left > 0 && !json) say(paint('dim', `… ${left.toLocaleString('en')} more in ${Math.round(batch.spanMs)} ms`));
      }
    });
  },
});

function lineOf({ storedMs, eventType, source, correlationId, summary }: EventRow): string {
  return `${paint('dim', new Date(storedMs).toISOString().slice(11, 23))}  ${paint('bold', eventType.padEnd(32))} ${source.padEnd(14)} ${paint('cyan', correlationId.slice(0, 8))}  ${summary}`;
}
