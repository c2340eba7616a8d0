/** From messages of the bus to what the read model keeps of them. */
import type { Envelope } from '../../shared/envelope.ts';
import type { EventCatalogue, PayloadVerdict } from '../../shared/event-catalogue/index.ts';
import type { StoredMessage } from '../event-bus/event-bus.ts';
import type { SetAside } from '../routing/inbox.ts';
import { readEvent } from '../routing/read-event.ts';
import { eventRowOf } from './event-row.ts';
import type { ProjectedEvent } from './projection-writer.ts';
import { type TalliedEvent, tally, type Tally } from './tallies.ts';

/** A payload to be judged by who has the schema of its type. */
export type Judged = Pick<Envelope, 'eventType' | 'eventVersion' | 'data'>;

/** What a batch of messages came to. */
export interface ReadBatch {
  readonly events: readonly ProjectedEvent[];
  readonly refused: readonly SetAside[];
  readonly tallies: readonly Tally[];
  /** Sequence of its last message. */
  readonly seq: number;
}

export interface Judges {
  readonly catalogue: Pick<EventCatalogue, 'check'>;
  /** Types that `elsewhere` judges, as `<type>@<version>`: their schemas are a plugin's code. */
  readonly notOurs: ReadonlySet<string>;
  readonly elsewhere: (payloads: Judged[]) => Promise<PayloadVerdict[]>;
}

const decoder = new TextDecoder();

/** @param messages at least one, in stream order. */
export async function readBatch(messages: readonly StoredMessage[], { catalogue, notOurs, elsewhere }: Judges): Promise<ReadBatch> {
  const isOurs = ({ eventType, eventVersion }: Judged): boolean => !notOurs.has(`${eventType}@${eventVersion}`);
  const check = (event: Judged): PayloadVerdict => (isOurs(event) ? catalogue.check(event) : { verdict: 'valid' });
  const read = messages.map((message) => ({ message, result: readEvent(message, { check }) }));
  const theirs = read.flatMap(({ result }) => (result.ok && !isOurs(result.event) ? [result.event] : []));
  const verdicts = theirs.length === 0 ? [] : await elsewhere(theirs.map(({ eventType, eventVersion, data }) => ({ eventType, eventVersion, data })));
  const problems = new Map(theirs.flatMap((event, i) => (verdicts[i]?.verdict === 'invalid' ? [[event, verdicts[i].problem] as const] : [])));

  const events: ProjectedEvent[] = [];
  const counted: TalliedEvent[] = [];
  const refused: SetAside[] = [];
  for (const { message, result } of read) {
    const problem = result.ok ? problems.get(result.event) : undefined;
    if (!result.ok) refused.push({ message, reason: result.reason, problem: result.problem });
    else if (problem !== undefined) refused.push({ message, reason: 'bad-payload', problem });
    else {
      const row = eventRowOf(result.event, message, result.verdict);
      events.push({ row, body: decoder.decode(message.body) });
      counted.push({ row, data: result.event.data });
    }
  }
  return { events, refused, tallies: tally(counted, refused), seq: messages.at(-1)?.seq ?? 0 };
}
