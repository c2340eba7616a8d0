/** A small curve with its promise line. Logarithmic, so that both 3 ms and a promise of 100 ms are seen. */
import type { ReactElement } from 'react';

interface SparklineProps {
  /** Oldest first; null where there is nothing. */
  values: readonly (number | null)[];
  promise: number;
  /** What it shows, in words. */
  label: string;
}

const WIDTH = 200;
const HEIGHT = 36;

/** Draws itself to the width of its place. */
export function Sparkline({ values, promise, label }: SparklineProps): ReactElement {
  const known = values.filter((value): value is number => value !== null);
  const top = Math.log10(Math.max(promise, ...known, 1) * 1.6);
  const bottom = Math.log10(Math.max(0.1, Math.min(promise, ...known.map((value) => Math.max(value, 0.1))) / 2));
  const y = (value: number): number => HEIGHT - ((Math.log10(Math.max(value, 0.1)) - bottom) / Math.max(0.01, top - bottom)) * HEIGHT;
  const x = (index: number): number => (values.length < 2 ? WIDTH : (index / (values.length - 1)) * WIDTH);

  const runs: string[] = [];
  let run: string[] = [];
  values.forEach((value, index) => {
    if (value === null) {
      if (run.length > 0) runs.push(run.join(' '));
      run = [];
    } else run.push(`${x(index).toFixed(1)},${y(value).toFixed(1)}`);
  });
  if (run.length > 0) runs.push(run.join(' '));

  return (
    <svg className="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <line x1="0" x2={WIDTH} y1={y(promise)} y2={y(promise)} className="spark-promise" />
      {runs.map((points) =>
        points.includes(' ') ? <polyline key={points} points={points} className="spark-line" /> : <line key={points} className="spark-line" x1={Number(points.split(',')[0]) - 1.5} x2={Number(points.split(',')[0]) + 1.5} y1={points.split(',')[1]} y2={points.split(',')[1]} />,
      )}
    </svg>
  );
}
