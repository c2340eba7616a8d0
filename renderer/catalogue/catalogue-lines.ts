/** The event types of the catalogue together with how they are used; types that it lacks come last. */
import { t } from '../../shared/i18n/translate.ts';
import type { CatalogueEvent, TypeUsage } from '../../shared/operator-api/index.ts';
import { orderDomains } from '../kit/domains.ts';

export interface CatalogueLine {
  readonly type: string;
  readonly domain: string;
  /** What the catalogue says of it, one entry a version; none: it does not know it. */
  readonly entries: readonly CatalogueEvent[];
  /** null: nothing was counted of it, or not yet. */
  readonly usage: TypeUsage | null;
}

/** In the order of the domains, then by name. */
export function linesOf(events: readonly CatalogueEvent[], usage: readonly TypeUsage[]): CatalogueLine[] {
  const used = new Map(usage.map((each) => [each.type, each]));
  const known = Map.groupBy(events, ({ type }) => type);
  const order = orderDomains([...new Set(events.map(({ domain }) => domain))]);
  const lines: CatalogueLine[] = [...known].map(([type, entries]) => ({ type, domain: entries[0]?.domain ?? '', entries, usage: used.get(type) ?? null }));
  lines.sort((a, b) => order.indexOf(a.domain) - order.indexOf(b.domain) || a.type.localeCompare(b.type));
  const unknown = usage.filter(({ type }) => !known.has(type)).map((each) => ({ type: each.type, domain: each.type.slice(0, each.type.indexOf('.')), entries: [], usage: each }));
  return [...lines, ...unknown];
}

/** Events of a version of which the catalogue has no schema. */
export function unknownVersions({ usage, entries }: CatalogueLine): number {
  if (usage === null || entries.length === 0) return 0;
  return usage.versions.filter(({ known }) => !known).reduce((sum, { events }) => sum + events, 0);
}

/** What does not fit, in one sentence. */
export function driftAnswer(lines: readonly CatalogueLine[]): string {
  const misfits = lines.reduce((sum, { usage }) => sum + (usage?.drift.events ?? 0), 0);
  const unknown = lines.filter((line) => line.entries.length === 0 || unknownVersions(line) > 0).length;
  return [
    misfits === 0 ? t('Every payload that came fits its schema.') : t('{n, plural, one {# payload does not fit} other {# payloads do not fit}} the schema of their type.', { n: misfits }),
    ...(unknown === 0 ? [] : [t('{n, plural, one {# type or version was seen} other {# types or versions were seen}} that the catalogue does not know.', { n: unknown })]),
  ].join(' ');
}
