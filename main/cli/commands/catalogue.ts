/** spine catalogue: the event types of a site, or all of them as a file for other tools. */
import { writeFileSync } from 'node:fs';
import { ConfigError, messageOf } from '../../../shared/errors.ts';
import type { CatalogueFormat, TypeUsage } from '../../../shared/operator-api/index.ts';
import { command, onSite } from '../command-line.ts';
import { answer, say, sayTable } from '../output.ts';

export const catalogueCommand = command({
  command: 'catalogue',
  describe: 'Event types with how often they come and do not fit; or the catalogue as AsyncAPI 3.0 or JSON Schema',
  builder: (argv) =>
    argv
      .option('format', { choices: ['asyncapi', 'json-schema'] as const, describe: 'Write the catalogue instead of listing it' })
      .option('out', { type: 'string', describe: 'File to write to; .json makes AsyncAPI in JSON instead of YAML. Default: the terminal' })
      .example('$0 catalogue --format asyncapi --out events.asyncapi.yaml', 'for code generators and documentation')
      .example('$0 catalogue --format json-schema > events.schema.json', 'one schema that holds for every event'),
  async handler(given) {
    if (given.format === undefined) {
      const [events, { types }] = await onSite(given, async (client) => Promise.all([client.catalogue.events(), client.catalogue.usage()]));
      const usage = new Map(types.map((each) => [each.type, each]));
      const known = new Set(events.map(({ type }) => type));
      const rows = [...events.map(({ type, version }) => ({ type, version, usage: usage.get(type) })), ...types.filter(({ type }) => !known.has(type)).map((each) => ({ type: each.type, version: 'not in the catalogue', usage: each as TypeUsage | undefined }))];
      answer(given.json, rows, () =>
        sayTable(rows, [
          { head: 'event type', cell: ({ type }) => type },
          { head: 'version', cell: ({ version }) => version },
          { head: 'events', right: true, cell: ({ usage: of }) => (of?.events ?? 0).toLocaleString('en') },
          { head: 'last 24 h', right: true, cell: ({ usage: of }) => (of?.lately ?? 0).toLocaleString('en') },
          { head: 'do not fit', right: true, cell: ({ usage: of }) => (of?.drift.events ?? 0).toLocaleString('en') },
        ], 'No event types.'),
      );
      return;
    }
    const format: CatalogueFormat = given.format === 'json-schema' ? 'json-schema' : given.json || given.out?.endsWith('.json') === true ? 'asyncapi-json' : 'asyncapi-yaml';
    const { text } = await onSite(given, (client) => client.catalogue.export({ format }));
    if (given.out === undefined) {
      process.stdout.write(text);
      return;
    }
    try {
      writeFileSync(given.out, text);
    } catch (cause) {
      throw new ConfigError('--out', `${given.out} can't be written (${messageOf(cause)})`, 'a file in a folder that can be written to', { cause });
    }
    say(`Written to ${given.out}.`);
  },
});
