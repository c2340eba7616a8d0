/** iCalendar: one record a VEVENT. A malformed event costs that event only. */
import ICAL from 'ical.js';
import { messageOf, NotRetryableError } from '../../shared/errors.ts';
import type { ConnectorConfig } from '../config/site-config.ts';
import { answerItems, fetchSource, shownUrl } from './fetch-source.ts';
import { fingerprintOf, idIn } from './record-identity.ts';
import type { Source, SourceItem } from './source.ts';

type CalendarConfig = Extract<ConnectorConfig, { kind: 'icalendar' }>;
type Component = InstanceType<typeof ICAL.Component>;
type Property = InstanceType<typeof ICAL.Property>;

/** A record is named by its id field, else by UID, with the RECURRENCE-ID of a moved occurrence after it. */
export function icalendarSource(config: CalendarConfig): Source {
  const setting = `connectors.${config.id}.url`;
  const reading = fingerprintOf([config.url, config.idField ?? null]);
  return async function* read(position, signal) {
    const fetched = await fetchSource({ url: config.url, setting, signal, accept: 'text/calendar, */*;q=0.5' }, position, reading);
    yield* answerItems(fetched, reading, position, (text) => calendarRecords(text, config, setting));
  };
}

/** Records of a calendar's text. @throws NotRetryableError naming the setting if it is no calendar. */
export function* calendarRecords(text: string, config: Pick<CalendarConfig, 'url' | 'idField'>, setting: string): Generator<SourceItem, void, void> {
  const at = shownUrl(config.url);
  let number = 0;
  for (const { event, problem } of eventsOf(text, setting)) {
    number++;
    const where = `${at} event ${number}`;
    if (!event) {
      yield { kind: 'problem', at: where, problem };
      continue;
    }
    try {
      const record = recordOf(event);
      const id = config.idField === undefined ? idIn({ id: [record.uid, record.recurrenceId].filter(Boolean).join('/') }, 'id') : idIn(record, config.idField);
      if (id === null) yield { kind: 'problem', at: where, problem: config.idField === undefined ? 'has no UID' : `has no value in the id field "${config.idField}"` };
      else yield { kind: 'record', recordId: id, record, receivedFrom: at };
    } catch (error) {
      yield { kind: 'problem', at: where, problem: messageOf(error) };
    }
  }
}

interface Found {
  readonly event: Component | null;
  readonly problem: string;
}

function* eventsOf(text: string, setting: string): Generator<Found, void, void> {
  if (!/^\s*BEGIN:VCALENDAR/im.test(text)) throw new NotRetryableError(`${setting} did not answer with a calendar.`);
  try {
    for (const event of componentsOf(text)) yield { event, problem: '' };
    return;
  } catch {
    // One of its parts is malformed: read the events one by one.
  }
  const zones = text.match(/^BEGIN:VTIMEZONE[\s\S]*?^END:VTIMEZONE/gim)?.join('\r\n') ?? '';
  for (const block of text.match(/^BEGIN:VEVENT[\s\S]*?^END:VEVENT/gim) ?? []) {
    try {
      const [event] = componentsOf(`BEGIN:VCALENDAR\r\n${zones === '' ? '' : `${zones}\r\n`}${block}\r\nEND:VCALENDAR\r\n`);
      yield { event: event ?? null, problem: 'is not an event' };
    } catch (error) {
      yield { event: null, problem: messageOf(error) };
    }
  }
}

function componentsOf(text: string): Component[] {
  // A file may hold several calendars; then the parser gives a list of them.
  const parsed: unknown = ICAL.parse(text);
  const calendars = (Array.isArray(parsed) && Array.isArray(parsed[0]) ? parsed : [parsed]) as ConstructorParameters<typeof ICAL.Component>[0][];
  return calendars.flatMap((calendar) => new ICAL.Component(calendar).getAllSubcomponents('vevent'));
}

/** DTSTAMP is left out: many servers set it anew with each answer, and every event would seem changed. */
function recordOf(event: Component): Record<string, unknown> {
  const text = (name: string): string | undefined => {
    const value: unknown = event.getFirstPropertyValue(name);
    return value === null || value === undefined || value === '' ? undefined : String(value);
  };
  const start = event.getFirstProperty('dtstart');
  const end = event.getFirstProperty('dtend');
  const recurrence = event.getFirstProperty('recurrence-id');
  const fields = {
    uid: text('uid'),
    recurrenceId: recurrence ? timeOf(recurrence) : undefined,
    summary: text('summary'),
    description: text('description'),
    location: text('location'),
    start: start ? timeOf(start) : undefined,
    end: end ? timeOf(end) : undefined,
    duration: text('duration'),
    allDay: start ? isDate(start) : undefined,
    timeZone: start?.getFirstParameter('tzid'),
    recurrence: text('rrule'),
    status: text('status'),
    organizer: text('organizer'),
    attendees: event.getAllProperties('attendee').map((attendee) => String(attendee.getFirstValue())),
    categories: event.getAllProperties('categories').flatMap((property) => property.getValues().map(String)),
    url: text('url'),
    sequence: text('sequence'),
    lastModified: text('last-modified'),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)));
}

function isDate(property: Property): boolean {
  const value: unknown = property.getFirstValue();
  return value instanceof ICAL.Time && value.isDate;
}

/** A date as it stands; a time in UTC if its zone is known, else as local time without an offset. */
function timeOf(property: Property): string | undefined {
  const value: unknown = property.getFirstValue();
  if (!(value instanceof ICAL.Time)) return value === null || value === undefined ? undefined : String(value);
  if (value.isDate) return value.toString();
  const zone = property.getFirstParameter('tzid');
  if (value.zone !== ICAL.Timezone.localTimezone) return value.toJSDate().toISOString();
  return zone ? (inZone(value.toString(), zone) ?? value.toString()) : value.toString();
}

/** Local time in a zone that the calendar names but does not define. Null if the zone is unknown. */
function inZone(local: string, timeZone: string): string | null {
  const asUtc = Date.parse(`${local.replace(/Z$/, '')}Z`);
  if (Number.isNaN(asUtc)) return null;
  try {
    const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    const offsetAt = (ms: number): number => Date.parse(`${shown.format(ms).replace(' ', 'T')}Z`) - ms;
    // Twice, because the offset is that of the result, which differs near a change of the clock.
    const guess = asUtc - offsetAt(asUtc);
    return new Date(asUtc - offsetAt(guess)).toISOString();
  } catch {
    return null;
  }
}
