/** Counts by hour as bars; the axis starts at zero. */
import type { ReactElement } from 'react';

const HEIGHT = 18;
const BAR = 3;
const GAP = 1;

/** Oldest first. `label` says it in words. */
export function TrendBars({ counts, label }: { counts: readonly number[]; label: string }): ReactElement {
  const top = Math.max(1, ...counts);
  const width = counts.length * (BAR + GAP) - GAP;
  // What happened at all must be seen beside the tallest.
  const bars = counts.map((count, hour) => ({ x: hour * (BAR + GAP), none: count === 0, height: count === 0 ? 1 : Math.max(2, Math.round((count / top) * HEIGHT)) }));
  return (
    <svg className="trend-bars" width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
      <title>{label}</title>
      {bars.map(({ x, height, none }) => (
        <rect key={x} className={none ? 'trend-none' : undefined} x={x} y={HEIGHT - height} width={BAR} height={height} />
      ))}
    </svg>
  );
}
