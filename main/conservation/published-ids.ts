/** Ids of the events that routing must have seen, read from the stream in parts. */
import type { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import { domainOf } from '../../shared/envelope.ts';
import type { EventBus } from '../event-bus/event-bus.ts';
import { readEvent } from '../routing/read-event.ts';

const PART = 5_000;

/** `subjects`: those that routing takes events from. What is no valid event is set aside and not among them. */
export async function* publishedIds(bus: EventBus, catalogue: EventCatalogue, subjects: readonly string[]): AsyncGenerator<string[], void> {
  const taken = new Set(subjects);
  let seq = 0;
  for (;;) {
    const messages = await bus.readOn({ seq: seq + 1 }, PART);
    const last = messages.at(-1);
    if (!last) return;
    seq = last.seq;
    const ids = messages.flatMap((message) => {
      if (!taken.has(message.subject) && !taken.has(`${domainOf(message.subject)}.*`)) return [];
      const read = readEvent(message, catalogue);
      return read.ok ? [read.event.eventId] : [];
    });
    // An event may stand in the stream twice; the inbox has it once.
    yield [...new Set(ids)];
  }
}
