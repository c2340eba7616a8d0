import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import { loadConfig } from '../../main/config/load-config.ts';
import { unknownJobTypes } from '../../main/config/site-config.ts';
import { collectChanges } from '../../main/connectors/collect-changes.ts';
import { mapRecord } from '../../main/connectors/entity-mapping.ts';
import { openSource } from '../../main/connectors/open-source.ts';
import { loadPlugins } from '../../main/plugins/load-plugins.ts';
import { checkRules } from '../../main/rules/check-rules.ts';
import { RuleEngine } from '../../main/rules/rule-engine.ts';

const folder = mkdtempSync(`${tmpdir()}/example-site-`);
afterAll(() => rmSync(folder, { recursive: true }));
const loaded = loadConfig({ SPINE_CONFIG: fileURLToPath(new URL('spine.yaml', import.meta.url)) }, folder);

it('is a configuration that the site accepts', async () => {
  const { config, path } = loaded;
  checkRules(config.rules);
  const plugins = await loadPlugins(path(config.plugins?.folder ?? ''));
  expect(plugins.map(({ name }) => name)).toContain('greeter');
  expect(unknownJobTypes(config, new JobCatalogue(plugins.flatMap(({ jobs }) => jobs)))).toEqual([]);
});

it('turns its customers into entities', async () => {
  const [connector] = loaded.config.connectors;
  if (!connector) throw new Error('no connector');
  const { signal } = new AbortController();
  const { changed, problems } = await collectChanges(openSource(connector, loaded)({}, signal), { limit: 100, known: async () => new Map(), signal });
  expect(problems).toEqual([]);
  const entities = (await Promise.all(changed.map(({ record }) => mapRecord(connector, record)))).flat();
  expect(entities).toHaveLength(5);
  expect(entities[3]).toEqual({ entityType: 'customer', entityId: 'c-4', attributes: { name: 'Maren "Mo" Vogt', phone: '+49 40 66969 122', email: 'maren@example.org', city: 'Hamburg', tier: 'standard' } });
});

it('tells ops when a VIP calls, as the published example does', async () => {
  const script = readFileSync(fileURLToPath(new URL('../publish.sh', import.meta.url)), 'utf8');
  const { eventType, data } = JSON.parse(/--data '([^']*)'/.exec(script)?.[1] ?? '') as { eventType: string; data: Record<string, unknown> };
  const matched = await new RuleEngine(loaded.config.rules).evaluate({ eventId: 'e', source: 's', timestamp: 't', eventType, data });
  expect(matched[0]?.actions).toEqual([{ jobType: 'SendOutgoingMessageJob', input: { channel: 'ops-webhook', to: 'ops', subject: 'VIP on the line', body: 'Ada Brandt calls from +49 30 23125 018.' } }]);
});
