/** Numbers, durations and times as a person reads them. A missing value is a dash, never a zero. */

/** What stands for a value that is not known. */
export const MISSING = '—';

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A count with thousand separators: "12,044". */
export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? MISSING : grouped.format(value);
}

/** A rate per second: "0", "0.4", "12", "9,850". */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return MISSING;
  if (perSecond === 0) return '0';
  return perSecond < 9.95 ? perSecond.toFixed(1) : grouped.format(perSecond);
}

/** At most three significant digits, without an exponent. */
function threeDigits(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  if (value >= 9.995) return value.toFixed(1).replace(/\.0$/, '');
  return value.toFixed(2).replace(/\.?0+$/, '');
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
];

/** A length of time with the unit that fits: "83 ms", "1.24 s", "4 min", "2.5 h". */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return MISSING;
  if (ms < 0) return `−${formatDuration(-ms)}`;
  // 999.5 ms would round to "1000 ms".
  if (ms < 999.5) return ms < 0.1 && ms > 0 ? '< 0.1 ms' : `${ms < 9.95 ? threeDigits(Math.round(ms * 10) / 10) : ms.toFixed(0)} ms`;
  for (const [name, size] of UNITS) {
    if (ms >= size * 0.9995) return `${threeDigits(ms / size)} ${name}`;
  }
  return `${threeDigits(ms / 1_000)} s`;
}

/** How long ago, coarse enough to read in passing: "now", "12 s", "4 min", "3 h", "2 d". */
export function formatAge(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return MISSING;
  if (ms < 1_000) return 'now';
  for (const [name, size] of UNITS) if (ms >= size) return `${Math.floor(ms / size)} ${name}`;
  return 'now';
}

/** Bytes with a binary unit: "812 B", "1.4 MiB". */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined || !Number.isFinite(bytes)) return MISSING;
  // 1,012 B would have four digits.
  if (bytes < 1_000) return `${bytes} B`;
  let value = bytes;
  for (const unit of ['KiB', 'MiB', 'GiB', 'TiB']) {
    value /= 1_024;
    if (value < 999.5) return `${threeDigits(value)} ${unit}`;
  }
  return `${grouped.format(value)} TiB`;
}

/** A share as a percentage: "0 %", "0.4 %", "2 %", "140 %". */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING;
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${percent < 9.95 && percent !== 0 ? percent.toFixed(1).replace(/\.0$/, '') : grouped.format(percent)} %`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Clock time of this machine: "12:04:31.204" (or to the second). */
export function formatClock(at: number, withMs = true): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMs ? `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}` : clock;
}

/** The exact moment, local and UTC: for tooltips. */
export function formatMoment(at: number): string {
  if (!Number.isFinite(at)) return MISSING;
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${formatClock(at)} local · ${date.toISOString().replace('T', ' ')}`;
}

/** "1 job", "4 jobs", "1,204 jobs". */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** The first eight characters of an id: enough to recognise it. */
export function shortId(id: string): string {
  return id.length > 9 ? `${id.slice(0, 8)}…` : id;
}
