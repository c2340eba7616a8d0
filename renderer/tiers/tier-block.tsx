/** One tier: its latency over time against its promise. */
import { ChartTooltip, LineChart } from '@mantine/charts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useMemo } from 'react';
import type { TooltipContentProps } from 'recharts';
import { t } from '../../shared/i18n/translate.ts';
import type { LatencyPoint, TierSummary } from '../../shared/operator-api/index.ts';
import { type Tier, TIER_PROMISES } from '../../shared/tiers.ts';
import { api } from '../app/connection/client.ts';
import type { TierRange } from '../app/search-params.ts';
import { fillBuckets } from '../kit/fill-buckets.ts';
import { formatClock, formatDuration, formatShare } from '../kit/format.ts';
import { ErrorNotice } from '../kit/notices.tsx';
import { VerdictSign } from '../kit/status.tsx';
import { logTicks } from './log-ticks.ts';
import { TierHistogram, TimeSplit } from './tier-histogram.tsx';

const RANGE_MS: Record<TierRange, number> = { '15min': 900_000, '1h': 3_600_000, '6h': 21_600_000, '24h': 86_400_000 };
const SERIES = [
  { name: 'p50Ms', label: 'p50', color: 'var(--p50)' },
  { name: 'p95Ms', label: 'p95', color: 'var(--p95)' },
  { name: 'p99Ms', label: 'p99', color: 'var(--p99)' },
];

/** Heading, words, chart, and where the time went. */
export function TierBlock({ tier, range, scale, chart }: { tier: Tier; range: TierRange; scale: 'linear' | 'log'; chart: 'time' | 'histogram' }): ReactElement {
  const series = useQuery(api.tiers.series.queryOptions({ input: { tier, rangeMs: RANGE_MS[range] }, refetchInterval: 3_000 }));
  const log = scale === 'log';
  const data = useMemo(() => {
    if (!series.data) return [];
    const { points, bucketMs } = series.data;
    const whole = fillBuckets(points, bucketMs, RANGE_MS[range], series.dataUpdatedAt, nothingStarted);
    return log ? whole.map(raised) : whole;
  }, [series.data, series.dataUpdatedAt, range, log]);
  const { targetMs, words } = TIER_PROMISES[tier];
  const bounds = useMemo(() => boundsOf(data, targetMs), [data, targetMs]);

  return (
    <section className="tier-block" aria-label={t('Tier {tier}', { tier })}>
      <h2>
        {tier} <span className="quiet">{t(words)}</span>
        {series.data ? <VerdictSign verdict={series.data.summary.verdict} /> : null}
      </h2>
      <p className="tier-words">
        {series.data ? summaryWords(series.data.summary) : ''}{' '}
        {series.data && series.data.summary.late > 0 ? <Link to="/jobs" search={{ tier, late: true }}>{t('Show the late ones')}</Link> : null}
      </p>
      <div className="tier-chart">
        {series.error && !series.data ? <ErrorNotice what={t('The latency could not be read')} error={series.error} retry={() => void series.refetch()} /> : null}
        <div className="series-legend">
          {chart === 'histogram' ? null : SERIES.map(({ label, color }) => (
            <span key={label}><i style={{ background: color }} />{label}</span>
          ))}
          <span><i className="promise-mark" />{t('promise {time}', { time: formatDuration(targetMs) })}</span>
        </div>
        {chart === 'histogram' ? <TierHistogram tier={tier} rangeMs={RANGE_MS[range]} /> : <LineChart
          h={220}
          data={data}
          dataKey="at"
          series={SERIES}
          dotProps={{ r: 1.25, strokeWidth: 0 }}
          curveType="linear"
          strokeWidth={1.5}
          connectNulls={false}
          gridAxis="x"
          tickLine="none"
          lineProps={{ isAnimationActive: false }}
          referenceLines={[{ y: targetMs, color: 'var(--promise)', strokeDasharray: '4 3', ifOverflow: 'extendDomain' }]}
          xAxisProps={{ tickFormatter: (at: number) => formatClock(at, false).slice(0, 5), minTickGap: 50 }}
          yAxisProps={
            log
              ? { width: 52, scale: 'log', domain: bounds, allowDataOverflow: true, ticks: logTicks(bounds[0], bounds[1]), tickFormatter: formatDuration }
              : { width: 52, domain: [0, bounds[1]], tickFormatter: formatDuration }
          }
          tooltipAnimationDuration={0}
          tooltipProps={{
            isAnimationActive: false,
            content: latencyTooltip,
          }}
        />}
      </div>
      <TimeSplit tier={tier} rangeMs={RANGE_MS[range]} />
    </section>
  );
}

const nothingStarted = (at: number): LatencyPoint => ({ at, started: 0, late: 0, p50Ms: null, p95Ms: null, p99Ms: null });

/** A logarithmic axis has no zero. */
function raised(point: LatencyPoint): LatencyPoint {
  const up = (value: number | null): number | null => (value === null ? null : Math.max(0.1, value));
  return { ...point, p50Ms: up(point.p50Ms), p95Ms: up(point.p95Ms), p99Ms: up(point.p99Ms) };
}

/** The promise is always in the picture. */
function boundsOf(points: readonly LatencyPoint[], targetMs: number): [number, number] {
  let low = targetMs;
  let high = targetMs;
  for (const { p50Ms, p99Ms } of points) {
    if (p50Ms !== null) low = Math.min(low, p50Ms);
    if (p99Ms !== null) high = Math.max(high, p99Ms);
  }
  return [Math.max(0.1, 10 ** Math.floor(Math.log10(Math.max(0.1, low)))), high * 1.4];
}

function latencyTooltip({ label, payload }: TooltipContentProps): ReactElement {
  const point = payload[0]?.payload as LatencyPoint | undefined;
  const counts = point ? t('{started, number} started, {late, number} late', { started: point.started, late: point.late }) : '';
  return <ChartTooltip label={typeof label === 'number' ? [formatClock(label, false), counts].filter(Boolean).join(' · ') : undefined} payload={payload} series={SERIES} valueFormatter={formatDuration} />;
}

function summaryWords(summary: TierSummary): string {
  const { waiting, running, retrying, oldestMs, started, late } = summary;
  const open = t('{waiting, number} waiting, {running, number} running{retrying, plural, =0 {} other {, # retrying}}{oldest, select, none {} other {, oldest {oldest}}}.', {
    waiting, running, retrying, oldest: oldestMs === null ? 'none' : formatDuration(oldestMs),
  });
  if (started === 0) return `${t('No job started in the last 15 min.')} ${open}`;
  const latency = t('{started, plural, one {# job} other {# jobs}} started in the last 15 min, {late, number} late: p50 {p50}, p95 {p95}, p99 {p99}; {burnt} of the budget burnt.', {
    started, late, p50: formatDuration(summary.p50Ms), p95: formatDuration(summary.p95Ms), p99: formatDuration(summary.p99Ms), burnt: formatShare(summary.budgetBurnt),
  });
  return `${latency} ${open}`;
}
