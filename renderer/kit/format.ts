/** Numbers, durations, times and lists as a person reads them, in the language that is spoken. A missing value is a dash, never a zero. */
import { type Language, language, t } from '../../shared/i18n/translate.ts';

/** What stands for a value that is not known. */
export const MISSING = '—';

/** How each language writes numbers and lists. English without the comma before the last "and". */
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/** The BCP 47 tag by which Intl knows the language that is spoken. */
export const locale = (): string => LOCALES[language()];

const perLanguage = <Format>(make: (locale: string) => Format): (() => Format) => {
  const made = new Map<Language, Format>();
  return () => {
    const spoken = language();
    const known = made.get(spoken) ?? make(LOCALES[spoken]);
    made.set(spoken, known);
    return known;
  };
};
/** By number of digits after the point. */
const upTo = [0, 1, 2].map((digits) => perLanguage((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits })));
const oneDigit = perLanguage((locale) => new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }));
const lists = perLanguage((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }));

const withDigits = (value: number, digits: 0 | 1 | 2): string => upTo[digits]?.().format(value) ?? String(value);

/** A count with thousand separators: "12,044". */
export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? MISSING : withDigits(value, 0);
}

/** A rate per second: "0", "< 0.1", "0.4", "12", "9,850". What is seldom is not never. */
export function formatRate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return MISSING;
  if (perSecond === 0) return '0';
  if (perSecond > 0 && perSecond < 0.05) return `< ${oneDigit().format(0.1)}`;
  return perSecond < 9.95 ? oneDigit().format(perSecond) : withDigits(perSecond, 0);
}

/** Seconds with one digit after the point, for what ticks: "0.4". */
export function formatSeconds(ms: number): string {
  return oneDigit().format(ms / 1_000);
}

/** At most three significant digits, without an exponent. */
function threeDigits(value: number): string {
  return withDigits(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
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
  if (ms < 999.5) return ms < 0.1 && ms > 0 ? `< ${withDigits(0.1, 1)} ms` : `${withDigits(ms, ms < 9.95 ? 1 : 0)} ms`;
  for (const [name, size] of UNITS) {
    if (ms >= size * 0.9995) return `${threeDigits(ms / size)} ${name}`;
  }
  return `${threeDigits(ms / 1_000)} s`;
}

/** How long ago, coarse enough to read in passing: "now", "12 s", "4 min", "3 h", "2 d". */
export function formatAge(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return MISSING;
  if (ms < 1_000) return t('now');
  for (const [name, size] of UNITS) if (ms >= size) return `${Math.floor(ms / size)} ${name}`;
  return t('now');
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
  return `${withDigits(value, 0)} TiB`;
}

/** A share as a percentage: "0 %", "0.4 %", "2 %", "140 %". */
export function formatShare(share: number | null | undefined): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return MISSING;
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return `< ${withDigits(0.1, 1)} %`;
  return `${withDigits(percent, percent < 9.95 ? 1 : 0)} %`;
}

const DECIMAL: Readonly<Record<Language, string>> = { en: '.', de: ',' };
const two = (value: number): string => String(value).padStart(2, '0');

/** Clock time of this machine: "12:04:31.204" (or to the second). */
export function formatClock(at: number, withMs = true): string {
  const date = new Date(at);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMs ? `${clock}${DECIMAL[language()]}${String(date.getMilliseconds()).padStart(3, '0')}` : clock;
}

/** The exact moment, local and UTC: for tooltips. */
export function formatMoment(at: number): string {
  if (!Number.isFinite(at)) return MISSING;
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return t('{local} local · {utc}', { local: `${day} ${formatClock(at)}`, utc: date.toISOString().replace('T', ' ') });
}

/** "NATS, PostgreSQL and the relay". */
export function formatList(names: readonly string[]): string {
  return lists().format(names);
}

/** The first eight characters of an id: enough to recognise it. */
export function shortId(id: string): string {
  return id.length > 9 ? `${id.slice(0, 8)}…` : id;
}
