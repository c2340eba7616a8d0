/** Replays in words and numbers. Pure, so that it can be tested. */
import { message, t } from '../../shared/i18n/translate.ts';
import type { ReplayCounts, ReplayFilter, ReplayRow, ReplayVerdict } from '../../shared/operator-api/index.ts';
import { locale } from '../kit/format.ts';

const VERDICT_WORDS: Record<ReplayVerdict, string> = {
  enqueue: message('missing: is enqueued'),
  'run-again': message('done: runs again'),
  'find-record': message('done: finds its record, repeats nothing'),
  known: message('done: left alone'),
  'under-way': message('under way: left alone'),
  'dead-letter': message('dead letter: decide there'),
  unsafe: message('unsafe: refused without the yes'),
};

/** What a replay does about a job. */
export function verdictWords(verdict: ReplayVerdict): string {
  const words = VERDICT_WORDS[verdict];
  return t(words);
}

const sum = (counts: ReplayCounts, verdicts: readonly ReplayVerdict[]): number =>
  Object.values(counts.jobs).reduce((total, ofType) => total + verdicts.reduce((n, verdict) => n + (ofType[verdict] ?? 0), 0), 0);

/** Jobs that are put on the queues; `yes` is the explicit one to what is unsafe. */
export function acting(counts: ReplayCounts, yes: boolean): number {
  return sum(counts, yes ? ['enqueue', 'run-again', 'find-record', 'unsafe'] : ['enqueue', 'run-again', 'find-record']);
}
/** Jobs that are left as they are. */
export function leftAlone(counts: ReplayCounts): number {
  return sum(counts, ['known', 'under-way', 'dead-letter']);
}
/** Jobs that only the explicit yes would run again. */
export function unsafe(counts: ReplayCounts): number {
  return sum(counts, ['unsafe']);
}

/** Share of the stream's range that is dealt with, 0 to 1. */
export function progressOf({ fromSeq, toSeq, position }: Pick<ReplayRow, 'fromSeq' | 'toSeq' | 'position'>): number {
  return Math.min(1, Math.max(0, (position - fromSeq + 1) / Math.max(1, toSeq - fromSeq + 1)));
}

const two = (value: number): string => String(value).padStart(2, '0');
/** A moment as a field of type datetime-local takes it. */
export function toLocalField(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** "communication.* from pbx, 23 Nov 00:00 – 23 Nov 23:59". */
export function filterWords(filter: ReplayFilter): string {
  const moment = (ms: number): string => new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(ms).replace(',', '');
  const range = (from: string | undefined, to: string | undefined): string[] => (from === undefined && to === undefined ? [] : from === undefined ? [t('until {time}', { time: to ?? '' })] : to === undefined ? [t('since {time}', { time: from })] : [`${from} – ${to}`]);
  const parts = [
    filter.type ?? t('all events'),
    ...(filter.source === undefined ? [] : [t('from {source}', { source: filter.source })]),
    ...(filter.correlationId === undefined ? [] : [t('of {correlation}', { correlation: `${filter.correlationId.slice(0, 8)}…` })]),
    ...range(filter.fromMs === undefined ? undefined : moment(filter.fromMs), filter.toMs === undefined ? undefined : moment(filter.toMs)),
    ...range(filter.fromSeq === undefined ? undefined : `#${filter.fromSeq}`, filter.toSeq === undefined ? undefined : `#${filter.toSeq}`),
  ];
  return parts.join(', ');
}

export interface FilterFields {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly source: string;
  readonly correlationId: string;
  readonly fromSeq: string;
  readonly toSeq: string;
}
export const NO_FILTER: FilterFields = { from: '', to: '', type: '', source: '', correlationId: '', fromSeq: '', toSeq: '' };

/** From the fields to the filter, or what is wrong by field. A minute that ends the range is meant as a whole. */
export function filterFrom(fields: FilterFields): { filter: ReplayFilter; errors: Partial<Record<keyof FilterFields, string>> } {
  const errors: Partial<Record<keyof FilterFields, string>> = {};
  const filter: ReplayFilter = {};
  for (const [name, key, extra] of [['from', 'fromMs', 0], ['to', 'toMs', 59_999]] as const) {
    if (fields[name] === '') continue;
    const ms = new Date(fields[name]).getTime();
    if (Number.isNaN(ms)) errors[name] = t('is not a time');
    else filter[key] = ms + extra;
  }
  for (const name of ['fromSeq', 'toSeq'] as const) {
    if (fields[name].trim() === '') continue;
    const seq = Number(fields[name]);
    if (!Number.isInteger(seq) || seq < 1) errors[name] = t('must be a whole number from 1 on');
    else filter[name] = seq;
  }
  for (const name of ['type', 'source', 'correlationId'] as const) if (fields[name].trim() !== '') filter[name] = fields[name].trim();
  if (filter.fromMs !== undefined && filter.toMs !== undefined && filter.fromMs > filter.toMs) errors.to = t('ends before it begins');
  return { filter, errors };
}
