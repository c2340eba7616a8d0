/** The example dashboard asks for metrics that there are, under labels that they have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Metrics } from '../../main/telemetry/metrics.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8');

test('every metric of the dashboard and of the alerts is one that the site tells', async () => {
  const told = new Set([...(await new Metrics().text()).matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name])));
  const dashboard = JSON.parse(read('grafana-dashboard.json')) as { panels: { title: string; targets: { expr: string }[] }[] };
  expect(dashboard.panels.length).toBeGreaterThan(15);
  const asked = [...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), read('prometheus.yaml')].flatMap((text) => text.match(/\b(?:spine|process|nodejs)_[a-z0-9_]+/g) ?? []);
  expect(asked.length).toBeGreaterThan(20);
  expect([...new Set(asked)].filter((name) => !told.has(name))).toEqual([]);
});
