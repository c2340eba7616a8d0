/** One tier's latencies as a histogram against its promise, and where the time went: bus, queue, run. */
import { BarChart } from '@mantine/charts';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useMemo } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { LatencyHistogram, LatencyMeasure } from '../../shared/operator-api/index.ts';
import type { Tier } from '../../shared/tiers.ts';
import { api } from '../app/connection/client.ts';
import { formatCount, formatDuration } from '../kit/format.ts';
import { ErrorNotice } from '../kit/notices.tsx';
import { barsOf } from './histogram-bars.ts';

const MEASURES: Readonly<Record<LatencyMeasure, { name: string; about: string }>> = {
  start: { name: message('To the start'), about: message('published → handler started: what the promise is about') },
  bus: { name: message('Bus'), about: message('published → on its queue: stored, routed, enqueued') },
  wait: { name: message('Wait'), about: message('on its queue → handler started') },
  run: { name: message('Run'), about: message('handler started → ended, of every attempt') },
};

function useHistogram(tier: Tier, rangeMs: number): { data: LatencyHistogram | undefined; error: unknown } {
  return useQuery(api.tiers.histogram.queryOptions({ input: { tier, rangeMs }, refetchInterval: 3_000 }));
}

/** The bars. */
export function TierHistogram({ tier, rangeMs }: { tier: Tier; rangeMs: number }): ReactElement {
  const { data, error } = useHistogram(tier, rangeMs);
  const bars = useMemo(() => {
    const start = data?.measures.find(({ measure }) => measure === 'start');
    return barsOf(start?.buckets ?? [], data?.targetMs ?? 0).map(({ from, to, count }) => ({ span: t('{from} to {to}', { from: formatDuration(from), to: formatDuration(to) }), to, count, late: to > (data?.targetMs ?? 0) }));
  }, [data]);
  if (error !== null && !data) return <ErrorNotice what={t('The histogram could not be read')} error={error} />;
  if (data && bars.length === 0) return <p className="quiet tier-no-bars">{t('No job started in this time.')}</p>;
  const promised = bars.find(({ late, to }) => !late && to >= (data?.targetMs ?? 0))?.span ?? bars.findLast(({ late }) => !late)?.span;
  return (
    <BarChart
      h={220}
      data={bars}
      dataKey="span"
      series={[{ name: 'count', label: t('jobs'), color: 'var(--p50)' }]}
      gridAxis="x"
      tickLine="none"
      barProps={{ isAnimationActive: false, maxBarSize: 40 }}
      valueFormatter={formatCount}
      xAxisProps={{ tickFormatter: (span: string) => span.split(' ').slice(-2).join(' '), minTickGap: 16 }}
      yAxisProps={{ width: 52, tickFormatter: formatCount, allowDecimals: false }}
      referenceLines={promised === undefined ? [] : [{ x: promised, color: 'var(--promise)', strokeDasharray: '4 3', position: 'end' as never }]}
      tooltipAnimationDuration={0}
      tooltipProps={{ isAnimationActive: false }}
    />
  );
}

/** p50, p95 and p99 of each part, side by side. */
export function TimeSplit({ tier, rangeMs }: { tier: Tier; rangeMs: number }): ReactElement {
  const { data } = useHistogram(tier, rangeMs);
  return (
    <table className="table tier-split" aria-label={t('Where the time went, {tier}', { tier })}>
      <thead>
        <tr><th>{t('Part')}</th><th className="right">{t('Samples')}</th>{['p50', 'p95', 'p99'].map((name) => <th key={name} className="right">{name}</th>)}</tr>
      </thead>
      <tbody>
        {(data?.measures ?? []).map(({ measure, samples, p50Ms, p95Ms, p99Ms }) => (
          <tr key={measure}>
            <td title={t(MEASURES[measure].about)}>{t(MEASURES[measure].name)}</td>
            <td className="right">{formatCount(samples)}</td>
            <td className="right">{formatDuration(p50Ms)}</td>
            <td className="right">{formatDuration(p95Ms)}</td>
            <td className="right">{formatDuration(p99Ms)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
