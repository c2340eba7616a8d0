/** Events per second by domain, the last 15 minutes, stacked. */
import { AreaChart, ChartTooltip } from '@mantine/charts';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useMemo } from 'react';
import type { TooltipContentProps } from 'recharts';
import { t } from '../../shared/i18n/translate.ts';
import type { FlowRates } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { domainColour, orderDomains } from '../kit/domains.ts';
import { fillBuckets } from '../kit/fill-buckets.ts';
import { formatClock, formatCount, formatRate } from '../kit/format.ts';
import { ErrorNotice } from '../kit/notices.tsx';

const RANGE_MS = 900_000;

const perSecond = (value: number): string => `${formatRate(value)}/s`;

function ratesTooltip({ label, payload }: TooltipContentProps): ReactElement {
  return <ChartTooltip label={typeof label === 'number' ? formatClock(label, false) : undefined} payload={payload} valueFormatter={perSecond} />;
}

const noEvents = (at: number): FlowRates['buckets'][number] => ({ at, byDomain: {} });

/** Keeps its height whether or not there is something to show. */
export function RatesChart(): ReactElement {
  const rates = useQuery(api.site.rates.queryOptions({ input: { rangeMs: RANGE_MS }, refetchInterval: 3_000 }));
  const { data, domains } = useMemo(() => {
    if (!rates.data) return { data: [], domains: [] };
    const { bucketMs } = rates.data;
    // The bucket that is still filling would look like a fall.
    const buckets = fillBuckets(rates.data.buckets, bucketMs, RANGE_MS, rates.dataUpdatedAt, noEvents).filter(({ at }) => at + bucketMs <= rates.dataUpdatedAt);
    const names = orderDomains(buckets.flatMap(({ byDomain }) => Object.keys(byDomain)));
    // Every series has a value everywhere: no event is a rate of zero.
    const rows = buckets.map(({ at, byDomain }) => ({ at, ...Object.fromEntries(names.map((name) => [name, ((byDomain[name] ?? 0) * 1_000) / bucketMs])) }));
    return { data: rows, domains: names };
  }, [rates.data, rates.dataUpdatedAt]);

  if (rates.error && !rates.data) return <ErrorNotice what={t('Rates could not be read')} error={rates.error} retry={() => void rates.refetch()} />;
  return (
    <div className="chart">
      <div className="chart-legend">
        {domains.map((domain) => (
          <span key={domain}>
            <span className="domain-mark" style={{ background: domainColour(domain) }} />
            {domain}
          </span>
        ))}
        {rates.data && domains.length === 0 ? <span>{t('No events in the last 15 minutes')}</span> : null}
      </div>
      <AreaChart
        h={190}
        data={data}
        dataKey="at"
        type="stacked"
        series={domains.map((name) => ({ name, color: domainColour(name) }))}
        withDots={false}
        withGradient={false}
        fillOpacity={0.75}
        strokeWidth={0}
        curveType="linear"
        gridAxis="x"
        tickLine="none"
        areaProps={{ isAnimationActive: false }}
        xAxisProps={{ tickFormatter: (at: number) => formatClock(at, false).slice(0, 5), minTickGap: 60 }}
        yAxisProps={{ width: 44, tickFormatter: (value: number) => formatCount(value), allowDecimals: false, domain: [0, 'auto'] }}
        tooltipAnimationDuration={0}
        tooltipProps={{
          isAnimationActive: false,
          content: ratesTooltip,
        }}
      />
    </div>
  );
}
