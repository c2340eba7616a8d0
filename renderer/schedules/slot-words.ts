/** Slots as a person says them. Pure, so that it can be tested. */
import { t } from '../../shared/i18n/translate.ts';
import { formatAge, locale } from '../kit/format.ts';

const DAY_MS = 86_400_000;

function clockOf(at: number, timeZone: string | undefined, seconds: boolean): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23', ...(timeZone === undefined ? {} : { timeZone }) }).format(at);
}

function dayOf(at: number, timeZone: string | undefined): string {
  return new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', ...(timeZone === undefined ? {} : { timeZone }) }).format(at);
}

/** "today 14:30", "tomorrow 02:30", "Thu 26 Nov 02:30"; with the year when it is another one. Of this machine's zone unless one is given. */
export function slotWords(at: number, now: number, timeZone?: string): string {
  const clock = clockOf(at, timeZone, at % 60_000 !== 0);
  const day = dayOf(at, timeZone);
  if (day === dayOf(now, timeZone)) return t('today {time}', { time: clock });
  if (day === dayOf(now + DAY_MS, timeZone)) return t('tomorrow {time}', { time: clock });
  if (day === dayOf(now - DAY_MS, timeZone)) return t('yesterday {time}', { time: clock });
  const zone = timeZone === undefined ? {} : { timeZone };
  const date = new Intl.DateTimeFormat(locale(), { weekday: 'short', day: 'numeric', month: 'short', ...zone }).format(at).replace(',', '');
  const sameYear = day.slice(0, 4) === dayOf(now, timeZone).slice(0, 4);
  return `${date}${sameYear ? '' : ` ${day.slice(0, 4)}`} ${clock}`;
}

/** "in 3 h", "12 s ago", "now". */
export function fromNow(at: number, now: number): string {
  const age = formatAge(Math.abs(at - now));
  return Math.abs(at - now) < 1_000 ? age : at > now ? t('in {age}', { age }) : t('{age} ago', { age });
}

/** Zones that say the same at a moment need not be shown twice. */
export function saysTheSame(at: number, timeZone: string): boolean {
  return `${dayOf(at, timeZone)} ${clockOf(at, timeZone, true)}` === `${dayOf(at, undefined)} ${clockOf(at, undefined, true)}`;
}
