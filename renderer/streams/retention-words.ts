/** A retention in words, and what another one would take away. */
import type { Retention, RetentionOrigin, RetentionPreview } from '../../shared/operator-api/index.ts';
import { message, t } from '../../shared/i18n/translate.ts';
import { formatBytes, formatClock, formatDuration } from '../kit/format.ts';

/** "30 d", "30 d or 1 GiB", "for ever". */
export function retentionWords({ maxAgeMs, maxBytes }: Retention): string {
  if (maxAgeMs === null && maxBytes === null) return t('for ever');
  if (maxBytes === null) return formatDuration(maxAgeMs);
  if (maxAgeMs === null) return t('up to {size}', { size: formatBytes(maxBytes) });
  return t('{age} or {size}', { age: formatDuration(maxAgeMs), size: formatBytes(maxBytes) });
}

const ORIGINS: Readonly<Record<RetentionOrigin, string>> = {
  default: message('default'),
  config: message('configuration file'),
  operator: message('set by an operator'),
  server: message('set on the server'),
};
/** Where a limit comes from. */
export const originWords = (origin: RetentionOrigin): string => t(ORIGINS[origin]);

/** What happens if this is done, in one sentence or two. */
export function consequenceWords({ goes, messages, cutoffMs, after }: RetentionPreview): string {
  if (goes.messages === 0) return t('Nothing goes: all {n, plural, one {# message} other {# messages}} of today stay.', { n: messages });
  if (goes.messages >= messages && messages > 0) return t('All {n, plural, one {# message} other {# messages}} of today go, for good.', { n: messages });
  if (goes.byAge >= goes.byBytes) {
    return t('{n, plural, one {# message} other {# messages}} older than {age} will go, for good: all that was stored before {day}. Counted in the stream just now.', { n: goes.messages, age: formatDuration(after.maxAgeMs), day: dayAndClock(cutoffMs) });
  }
  return t('About {n, plural, one {# message} other {# messages}} will go, for good: the oldest, until the rest fits into {size}. Reckoned from their average size, so the number is an estimate.', { n: goes.messages, size: formatBytes(after.maxBytes) });
}

/** "2026-11-24 12:04:31" of this machine. */
function dayAndClock(at: number | null): string {
  if (at === null) return '';
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${formatClock(at, false)}`;
}

export const AGE_UNITS = { min: 60_000, h: 3_600_000, d: 86_400_000 } as const;
export type AgeUnit = keyof typeof AGE_UNITS;
export const SIZE_UNITS = { MiB: 1_048_576, GiB: 1_073_741_824 } as const;
export type SizeUnit = keyof typeof SIZE_UNITS;

/** A number and a unit as a person would write it: the largest unit that leaves no rest. */
export function splitBy<Unit extends string>(value: number | null, units: Readonly<Record<Unit, number>>, usual: Unit): { amount: string; unit: Unit } {
  if (value === null) return { amount: '', unit: usual };
  const names = (Object.keys(units) as Unit[]).sort((a, b) => units[b] - units[a]);
  const unit = names.find((name) => value % units[name] === 0) ?? names.at(-1) ?? usual;
  return { amount: String(value / units[unit]), unit };
}

/** Back into one number; null for an empty field, which is without a limit. @returns undefined if it is no positive number. */
export function joinBy<Unit extends string>({ amount, unit }: { amount: string; unit: Unit }, units: Readonly<Record<Unit, number>>): number | null | undefined {
  if (amount.trim() === '') return null;
  const value = Math.round(Number(amount) * units[unit]);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}
