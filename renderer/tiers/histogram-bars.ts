/** Fine buckets of a latency histogram to bars that a person can tell apart. Pure. */
import type { LatencyHistogram } from '../../shared/operator-api/index.ts';

type Buckets = LatencyHistogram['measures'][number]['buckets'];

export interface Bar {
  /** ms. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Bounds of bars in each decade: 1, 2, 5, as on the axis of a log chart. */
const STEPS = [1, 2, 5];

/** Bars from the first to the last sample without gaps, and as far as `always` (the promise), ms. */
export function barsOf(buckets: Buckets, always: number): Bar[] {
  if (buckets.length === 0) return [];
  const bounds = [0];
  // One more than is needed: the promise is then seen inside the picture, not at its edge.
  for (let decade = 0.1; (bounds.at(-2) ?? 0) < Math.max(always, buckets.at(-1)?.toMs ?? 0); decade *= 10) for (const step of STEPS) bounds.push(Number((decade * step).toPrecision(1)));
  const bars = bounds.slice(1).map((to, index) => ({ from: bounds[index] ?? 0, to, count: 0 }));
  for (const { fromMs, toMs, count } of buckets) {
    // A bucket is far narrower than a bar: its middle says where it belongs.
    const middle = Math.sqrt(Math.max(fromMs, 0.05) * toMs);
    const bar = bars.find(({ to }) => middle <= to) ?? bars.at(-1);
    if (bar) bar.count += count;
  }
  const first = bars.findIndex(({ count }) => count > 0);
  const last = Math.max(bars.findLastIndex(({ count }) => count > 0), bars.findIndex(({ to }) => to >= always));
  return bars.slice(Math.max(0, first - 1), last + 2);
}
