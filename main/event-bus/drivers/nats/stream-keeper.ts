/** Looks into the streams of a NATS server, and sets how long they keep. */
import { messageOf, UnavailableError } from '../../../../shared/errors.ts';
import type { ConsumerReport, StoredMessage, StreamInspection, StreamKeeper, StreamPlace } from '../../event-bus.ts';
import {
  AckPolicy, type ConsumerInfo, DeliverPolicy, JetStreamApiError, type JetStreamClient, type JetStreamManager, type NatsConnection, nuid, StorageType,
} from './nats-api.ts';
import { headerList } from './headers.ts';
import { ConsumedMessage } from './stored-message.ts';
import { AUDIT_LOG, CONNECTOR_DATA, PLATFORM_EVENTS } from './streams.ts';

const NO_MESSAGE_FOUND = 10037;
/** Consumers that only count or read a page. They are deleted at once; should that fail, the server does it after this, ms. */
const LOOK_MS = 5_000;
const LOOK_PREFIX = 'spine-look-';
const READ_WAIT_MS = 2_000;
const ASK_MS = 3_000;
const NANOS = 1_000_000;

interface Look {
  readonly stream: string;
  readonly from: StreamPlace;
  readonly subject: string | undefined;
}

export class NatsStreamKeeper implements StreamKeeper {
  readonly #connection: NatsConnection;
  readonly #admin: JetStreamManager;
  readonly #reader: JetStreamManager;
  readonly #client: JetStreamClient;

  /** @param connection of the user who may change streams, if anyone may; `admin` is its manager. */
  constructor(connection: NatsConnection, admin: JetStreamManager, client: JetStreamClient, reader: JetStreamManager) {
    this.#connection = connection;
    this.#admin = admin;
    this.#client = client;
    this.#reader = reader;
  }

  async inspect(): Promise<StreamInspection[]> {
    // The copies first: what comes in meanwhile must not make one look as if it were ahead of its origin.
    const copies = await Promise.all([CONNECTOR_DATA, AUDIT_LOG].map((name) => this.#inspect(name)));
    return [await this.#inspect(PLATFORM_EVENTS), ...copies];
  }

  async #inspect(name: string): Promise<StreamInspection> {
    const { state, config, mirror, created } = await this.#reader.streams.info(name);
    const empty = state.messages === 0;
    const copied = config.mirror?.filter_subject;
    return {
      name, messages: state.messages, bytes: state.bytes, firstSeq: state.first_seq, lastSeq: state.last_seq,
      firstMs: empty ? null : Date.parse(state.first_ts),
      lastMs: empty ? null : Date.parse(state.last_ts),
      maxAgeMs: Number(config.max_age) === 0 ? null : Number(config.max_age) / NANOS,
      maxBytes: config.max_bytes > 0 ? config.max_bytes : null,
      duplicateWindowMs: config.mirror ? null : Number(config.duplicate_window) / NANOS,
      lag: mirror ? mirror.lag : null,
      createdMs: Date.parse(String(created)),
      copyOf: config.mirror?.name ?? null,
      subjects: config.mirror ? (copied === undefined ? [] : [copied]) : config.subjects,
      consumers: state.consumer_count,
      storage: config.storage === StorageType.File ? 'file' : 'memory',
      replicas: config.num_replicas,
      deletionDenied: config.deny_delete && config.deny_purge,
    };
  }

  async consumers(stream: string): Promise<ConsumerReport[]> {
    const found: ConsumerReport[] = [];
    for await (const info of this.#reader.consumers.list(stream)) if (!info.name.startsWith(LOOK_PREFIX)) found.push(consumerReport(info));
    return found.sort((a, b) => Number(b.durable) - Number(a.durable) || a.name.localeCompare(b.name));
  }

  count(stream: string, from: StreamPlace, subject?: string): Promise<number> {
    return this.#look({ stream, from, subject }, async ({ num_pending }) => num_pending);
  }

  after(stream: string, seq: number, max: number, subject?: string): Promise<StoredMessage[]> {
    return this.#read({ stream, from: { seq: Math.max(1, seq) }, subject }, max);
  }

  async before(stream: string, place: StreamPlace, max: number, subject?: string): Promise<StoredMessage[]> {
    const { first_seq: first, last_seq: last } = (await this.#reader.streams.info(stream)).state;
    const end = Math.min('seq' in place ? place.seq : ((await this.#read({ stream, from: place, subject: undefined }, 1))[0]?.seq ?? last + 1), last + 1);
    if (end <= first) return [];
    // A copy with a filter has gaps, and so has a subject: go back in growing steps until there are enough, then halve to the exact place.
    const behind = await this.count(stream, { seq: end }, subject);
    const within = async (seq: number): Promise<number> => (await this.count(stream, { seq }, subject)) - behind;
    let [start, found, step] = [end, 0, max];
    while (start > first && found < max) {
      start = Math.max(first, start - step);
      found = await within(start);
      step *= 4;
    }
    let tooFar = end;
    while (found > max && tooFar - start > 1) {
      const middle = Math.floor((start + tooFar) / 2);
      const inHalf = await within(middle);
      if (inHalf >= max) [start, found] = [middle, inHalf];
      else tooFar = middle;
    }
    const read = found === 0 ? [] : await this.#read({ stream, from: { seq: start }, subject }, found);
    return read.filter(({ seq }) => seq < end).slice(-max);
  }

  async message(stream: string, seq: number): Promise<StoredMessage | null> {
    try {
      const message = await this.#reader.streams.getMessage(stream, { seq });
      return message && { seq: message.seq, subject: message.subject, headers: headerList(message.header), body: message.data, storedMs: message.time.getTime() };
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE_FOUND) return null;
      throw error;
    }
  }

  async refusal(stream: string): Promise<string | null> {
    try {
      // Another name than the subject's: a server that listens to us at all refuses it for that reason, and changes nothing.
      await this.#connection.request(`$JS.API.STREAM.UPDATE.${stream}`, JSON.stringify({ name: 'spine-asks-whether-it-may' }), { timeout: ASK_MS });
      return null;
    } catch (error) {
      return messageOf(error);
    }
  }

  async setRetention(stream: string, limits: { readonly maxAgeMs: number | null; readonly maxBytes: number | null }): Promise<void> {
    try {
      const { config } = await this.#admin.streams.info(stream);
      await this.#admin.streams.update(stream, { ...config, max_age: (limits.maxAgeMs ?? 0) * NANOS, max_bytes: limits.maxBytes ?? -1 });
    } catch (cause) {
      throw new UnavailableError(`stream ${stream}`, `its retention could not be set (${messageOf(cause)})`, 'It is as it was. May the site’s NATS user update streams?', { cause });
    }
  }

  async #read(look: Look, max: number): Promise<StoredMessage[]> {
    return this.#look(look, async ({ name, num_pending: pending }) => {
      const wanted = Math.min(max, pending);
      const messages: StoredMessage[] = [];
      if (wanted === 0) return messages;
      const consumer = await this.#client.consumers.get(look.stream, name);
      for await (const message of await consumer.fetch({ max_messages: wanted, expires: READ_WAIT_MS })) {
        messages.push(new ConsumedMessage(message));
        if (messages.length === wanted) break;
      }
      return messages;
    });
  }

  /** A consumer of its own for one look: how much lies behind a place is what the server tells when it is made. */
  async #look<Seen>({ stream, from, subject }: Look, see: (info: ConsumerInfo) => Promise<Seen>): Promise<Seen> {
    const start = 'seq' in from
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.seq }
      : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(from.storedMs).toISOString() };
    const info = await this.#reader.consumers.add(stream, {
      name: `${LOOK_PREFIX}${nuid.next()}`, ack_policy: AckPolicy.None, inactive_threshold: LOOK_MS * NANOS, mem_storage: true, num_replicas: 1,
      ...start, ...(subject === undefined ? {} : { filter_subject: subject }),
    });
    try {
      return await see(info);
    } finally {
      await this.#reader.consumers.delete(stream, info.name).catch(() => {});
    }
  }
}

function consumerReport(info: ConsumerInfo): ConsumerReport {
  const { config, delivered } = info;
  return {
    name: info.name,
    durable: config.durable_name !== undefined,
    subjects: config.filter_subjects ?? (config.filter_subject === undefined ? [] : [config.filter_subject]),
    pending: info.num_pending,
    ackPending: info.num_ack_pending,
    redelivered: info.num_redelivered,
    waitingPulls: info.num_waiting,
    // The client says that this is a number; the server sends a time in words, or nothing.
    lastDelivered: { seq: delivered.stream_seq, atMs: delivered.last_active === undefined ? null : Date.parse(String(delivered.last_active)) },
    ackedUpTo: config.ack_policy === AckPolicy.None ? null : info.ack_floor.stream_seq,
    paused: info.paused ?? false,
    createdMs: Date.parse(info.created),
  };
}
