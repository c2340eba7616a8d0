/** How the event types are used, from what the view has counted; and the catalogue as a file for other tools. */
import { stringify } from 'yaml';
import { asyncApiOf, schemaBundleOf } from '../../shared/catalogue-export.ts';
import type { CatalogueFormat, DriftExample, TypeSource, TypeUsage } from '../../shared/operator-api/index.ts';
import { aDayAgo } from '../rules/rule-answers.ts';
import type { OperatorServices } from './services.ts';

/** Sources of a type that are told. */
const MOST_SOURCES = 50;
const MOST_EXAMPLES = 10;

/** `<type>@<version>`, as tallies name them. */
function split(name: string): [type: string, version: string] {
  const at = name.indexOf('@');
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at + 1)];
}

export async function catalogueUsage({ projection, events }: Pick<OperatorServices, 'projection' | 'events'>): Promise<{ measuredMs: number; overMs: number; types: TypeUsage[] }> {
  const measuredMs = Date.now();
  const sinceMs = aDayAgo(measuredMs);
  const [types, drift] = await Promise.all([projection.read.tallies('type', sinceMs), projection.read.tallies('drift', sinceMs)]);
  const usages = new Map<string, TypeUsage>();
  const of = (type: string): TypeUsage => {
    const found = usages.get(type) ?? { type, events: 0, lately: 0, lastMs: null, versions: [], drift: { events: 0, lately: 0, lastMs: null } };
    usages.set(type, found);
    return found;
  };
  for (const sum of types) {
    const [type, version] = split(sum.name);
    const usage = of(type);
    usage.events += sum.count;
    usage.lately += sum.lately;
    usage.lastMs = Math.max(usage.lastMs ?? 0, sum.lastMs);
    usage.versions.push({ version, events: sum.count, known: events.get(type, version) !== undefined });
  }
  for (const { name, count, lately, lastMs } of drift) of(name).drift = { events: count, lately, lastMs };
  return { measuredMs, overMs: measuredMs - sinceMs, types: [...usages.values()].sort((a, b) => a.type.localeCompare(b.type)) };
}

/** Asked for one type at a time: a site may have thousands of sources. */
export async function typeSources({ projection }: Pick<OperatorServices, 'projection'>, type: string): Promise<{ sources: TypeSource[]; total: number }> {
  const sums = await projection.read.tallies('source', aDayAgo(Date.now()), `${type} `);
  const sources = sums.map(({ name, count, lately, lastMs }) => ({ source: name.slice(type.length + 1), events: count, lately, lastMs })).sort((a, b) => b.events - a.events);
  return { sources: sources.slice(0, MOST_SOURCES), total: sources.length };
}

export async function driftExamples({ database }: Pick<OperatorServices, 'database'>, type: string): Promise<{ examples: DriftExample[] }> {
  const { rows } = await database.intake.query<{ id: string; streamSeq: string; storedMs: number; bytes: number; problem: string }>(
    `SELECT id, stream_seq AS "streamSeq", (extract(epoch FROM stored_at) * 1000)::float8 AS "storedMs", octet_length(body) AS bytes, problem
     FROM spine.set_aside WHERE subject = $1 AND reason = 'bad-payload' ORDER BY id DESC LIMIT $2`,
    [type, MOST_EXAMPLES],
  );
  return { examples: rows.map((row) => ({ ...row, id: Number(row.id), streamSeq: Number(row.streamSeq) })) };
}

export function exportCatalogue({ config, version, events, jobs }: Pick<OperatorServices, 'config' | 'version' | 'events' | 'jobs'>, format: CatalogueFormat): { file: string; mediaType: string; text: string } {
  const catalogue = { site: config.site, version, events: events.all(), jobs: jobs.all() };
  switch (format) {
    case 'asyncapi-yaml':
      return { file: `${config.site}.asyncapi.yaml`, mediaType: 'application/yaml', text: stringify(asyncApiOf(catalogue), { aliasDuplicateObjects: false }) };
    case 'asyncapi-json':
      return { file: `${config.site}.asyncapi.json`, mediaType: 'application/json', text: `${JSON.stringify(asyncApiOf(catalogue), null, 2)}\n` };
    case 'json-schema':
      return { file: `${config.site}.schema.json`, mediaType: 'application/schema+json', text: `${JSON.stringify(schemaBundleOf(catalogue), null, 2)}\n` };
  }
}
