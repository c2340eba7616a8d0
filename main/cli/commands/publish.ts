/** spine publish: put one event on the bus. */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { ConfigError, messageOf } from '../../../shared/errors.ts';
import { command, onSite } from '../command-line.ts';
import { answer, say } from '../output.ts';


export const publishCommand = command({
  command: 'publish <type>',
  describe: 'Publish one event; its payload is checked first',
  builder: (argv) => argv
    .positional('type', { type: 'string', demandOption: true, describe: 'Event type, such as communication.CallStarted' })
    .option('data', { alias: 'd', type: 'string', default: '{}', describe: 'Payload as JSON, @file, or - for standard input' })
    .option('source', { type: 'string', default: 'spine.cli', describe: 'Who publishes it' })
    .option('correlation', { type: 'string', describe: 'Correlation id; default: a new one' })
    .example(`$0 publish communication.CallEnded -d '{"callId":"7","durationSeconds":3,"outcome":"answered"}'`, ''),
  async handler(given) {
    const data = await payload(given.data);
    const published = await onSite(given, (client) => client.events.publish({ eventType: given.type, source: given.source, data, ...(given.correlation === undefined ? {} : { correlationId: given.correlation }) }));
    answer(given.json, published, () => say(`Stored as ${published.seq}. Event ${published.eventId}, see it whole with: spine trace ${published.correlationId}`));
  },
});

/** A JSON object from the command line, a file (`@path`) or standard input (`-`). @throws ConfigError naming --data. */
export async function payload(given: string): Promise<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(given === '-' ? await text(process.stdin) : given.startsWith('@') ? readFileSync(given.slice(1), 'utf8') : given);
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('it is no object');
    return json as Record<string, unknown>;
  } catch (cause) {
    throw new ConfigError('--data', messageOf(cause), 'a JSON object, @file or -', { cause });
  }
}
