/** The event bus on NATS JetStream. */
import type { Envelope } from '../../../../shared/envelope.ts';
import { ConfigError, messageOf, UnavailableError } from '../../../../shared/errors.ts';
import { Arrivals } from '../../arrivals.ts';
import type { BusState, Delivery, DeliverySource, EventBus, PublishReceipt, StoredMessage, StreamKeeper, StreamReport, StreamSettings, StreamSnapshot } from '../../event-bus.ts';
import { headersOf } from '../../message-headers.ts';
import {
  AckPolicy, DeliverPolicy, JetStreamApiError, type JetStreamClient, type JetStreamManager,
  type NatsConnection, StorageType, type Subscription, jetstream, jetstreamManager,
} from './nats-api.ts';
import { headerList, natsHeaders } from './headers.ts';
import { type Consuming, keepConsuming } from './keep-consuming.ts';
import { NotStored, Publisher } from './publisher.ts';
import { LiveLane } from './live-lane.ts';
import { ConsumedMessage, STORED_PREFIX, storedAgainOf } from './stored-message.ts';
import { NatsStreamKeeper } from './stream-keeper.ts';
import { snapshotStream } from './stream-snapshot.ts';
import { AUDIT_LOG, CONNECTOR_DATA, ensureStreams, PLATFORM_EVENTS, type StreamChange, type StreamRetention } from './streams.ts';

/** Deliveries under way to a durable consumer before the server waits for acknowledgements. */
const MAX_ACK_PENDING = 20_000;
/** A delivery that is not answered comes again after this, ms. Routing a batch takes milliseconds. */
const ACK_WAIT_MS = 10_000;
const PUBLISH_TIMEOUT_MS = 5_000;
const NO_MESSAGE_FOUND = 10037;
/** A read of past messages waits for the first one this long, ms. */
const READ_WAIT_MS = 2_000;
const CONSUMER_NOT_FOUND = 10014;

export interface NatsBusOptions {
  /** May create and update streams. */
  readonly admin: NatsConnection;
  /** Publishes and consumes. Closing the bus closes both. */
  readonly service: NatsConnection;
  /** Nobody else takes this site's deliveries: what is under way when the bus opens was under way to a process that is gone. */
  readonly alone: boolean;
  readonly domains: readonly string[];
  readonly retention: StreamRetention;
  readonly onStreamChange: (change: StreamChange) => void;
  readonly onStateChange: (state: BusState) => void;
}

/** Bring the streams up to date and open the bus. */
export async function openNatsEventBus(options: NatsBusOptions): Promise<EventBus> {
  const manager = await jetstreamManager(options.admin);
  for (const change of await ensureStreams(manager, options.domains, options.retention)) options.onStreamChange(change);
  return new NatsEventBus(options, manager, jetstream(options.service), await jetstreamManager(options.service));
}

class NatsEventBus implements EventBus {
  readonly serverVersion: string;
  readonly maxPayload: number;
  readonly keeper: StreamKeeper;
  readonly #options: NatsBusOptions;
  readonly #admin: JetStreamManager;
  readonly #client: JetStreamClient;
  readonly #reader: JetStreamManager;
  readonly #publisher: Publisher;
  readonly #onReconnect = new Set<() => void>();
  #state: BusState = 'connected';

  constructor(options: NatsBusOptions, admin: JetStreamManager, client: JetStreamClient, reader: JetStreamManager) {
    this.#options = options;
    this.#admin = admin;
    this.#client = client;
    this.#reader = reader;
    this.keeper = new NatsStreamKeeper(options.admin, admin, client, reader);
    this.#publisher = new Publisher(options.service);
    this.serverVersion = options.service.info?.version ?? 'unknown';
    this.maxPayload = options.service.info?.max_payload ?? 1_048_576;
    void this.#watchConnection();
  }

  state(): BusState {
    return this.#state;
  }

  async publish(event: Envelope, extra: Readonly<Record<string, string>> = {}): Promise<PublishReceipt> {
    const headers = natsHeaders([...headersOf(event), ...Object.entries(extra)]);
    try {
      return await this.#publisher.publish(event.eventType, JSON.stringify(event), headers, PUBLISH_TIMEOUT_MS);
    } catch (error) {
      if (error instanceof NotStored && error.why === 'no-stream' && this.#state === 'connected' && !this.#takes(event.eventType)) {
        throw new ConfigError('eventType', `"${event.eventType}" is of an unknown event domain`, `one of ${this.#options.domains.join(', ')}`, { cause: error });
      }
      throw new UnavailableError('NATS', `did not store the event (${messageOf(error)})`, 'Is the server up and its disk not full? The event was not acknowledged; publish it again.', { cause: error });
    }
  }

  async publishAll(events: readonly Envelope[], atOnce: number): Promise<PromiseSettledResult<PublishReceipt>[]> {
    const results: PromiseSettledResult<PublishReceipt>[] = [];
    let next = 0;
    const one = async (): Promise<void> => {
      for (let i = next++; i < events.length; i = next++) {
        const event = events[i];
        if (event) results[i] = await this.publish(event).then((value) => ({ status: 'fulfilled', value }) as const, (reason: unknown) => ({ status: 'rejected', reason }) as const);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, events.length) }, one));
    return results;
  }

  #takes(eventType: string): boolean {
    return this.#options.domains.some((domain) => eventType.startsWith(`${domain}.`));
  }

  async deliveries(name: string, subjects: readonly string[]): Promise<DeliverySource> {
    const settings = { filter_subjects: [...subjects], max_ack_pending: MAX_ACK_PENDING, ack_wait: ACK_WAIT_MS * 1_000_000 };
    const existing = await this.#admin.consumers.info(PLATFORM_EVENTS, name).catch((error: unknown) => {
      if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return null;
      throw error;
    });
    // A consumer of an earlier version keeps its position and takes the settings of this one.
    if (existing) await this.#admin.consumers.update(PLATFORM_EVENTS, name, settings);
    else await this.#admin.consumers.add(PLATFORM_EVENTS, { durable_name: name, ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.All, ...settings });
    const consumer = await this.#client.consumers.get(PLATFORM_EVENTS, name);
    const arrivals = new Arrivals<Delivery>();
    const { alone } = this.#options;
    const consume = (): Promise<Consuming> =>
      keepConsuming(async () => {
        // What was under way to the process or the connection before would wait for ACK_WAIT_MS. Some of it comes twice; the inbox knows it.
        if (alone) await this.#deliverAgainAtOnce(name);
        return consumer.consume({ max_messages: 2_000, callback: (message) => lane.delivered(new ConsumedMessage(message)) });
      }, alone ? this.#onReconnect : undefined);
    const lane = new LiveLane((delivery) => arrivals.push(delivery));
    const listen = (): Subscription[] => subjects.map((subject) => this.#options.service.subscribe(STORED_PREFIX + subject, {
      // An error is a lack of permission or a lost connection: what is stored comes by the consumer.
      callback: (error, message) => {
        const stored = error ? null : storedAgainOf(message);
        if (stored) lane.stored(stored);
      },
    }));
    let listening = listen();
    let messages: Consuming | null = await consume();
    return {
      nextBatch: (max) => arrivals.take(max),
      get buffered() {
        return arrivals.size;
      },
      async hold() {
        const held = messages;
        messages = null;
        for (const subscription of listening.splice(0)) subscription.unsubscribe();
        await held?.close();
      },
      async resume() {
        if (messages) return;
        messages = await consume();
        listening = listen();
      },
      async close() {
        for (const subscription of listening.splice(0)) subscription.unsubscribe();
        await messages?.close();
        arrivals.close();
      },
    };
  }

  /** Take the consumer back to its last gapless acknowledgement. Servers before 2.14 can't: there the deliveries come when their wait is over. Asked on the service connection: it is the one that is back. */
  async #deliverAgainAtOnce(name: string): Promise<void> {
    const [major = 0, minor = 0] = this.serverVersion.split('.').map(Number);
    if (major < 2 || (major === 2 && minor < 14)) return;
    const { num_ack_pending: underWay } = await this.#reader.consumers.info(PLATFORM_EVENTS, name);
    if (underWay > 0) await this.#reader.consumers.reset(PLATFORM_EVENTS, name);
  }

  async read(seq: number): Promise<StoredMessage | null> {
    try {
      const message = await this.#reader.streams.getMessage(PLATFORM_EVENTS, { seq });
      return message && { seq: message.seq, subject: message.subject, headers: headerList(message.header), body: message.data, storedMs: message.time.getTime() };
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE_FOUND) return null;
      throw error;
    }
  }

  async readOn(from: { readonly seq: number } | { readonly storedMs: number }, max: number): Promise<StoredMessage[]> {
    // Not by direct get: the server lets the mirrors answer those as well, and connector-data holds only a part.
    if ('seq' in from && from.seq > (await this.#reader.streams.info(PLATFORM_EVENTS)).state.last_seq) return [];
    const start = 'seq' in from
      ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.seq }
      : { deliver_policy: DeliverPolicy.StartTime, opt_start_time: new Date(from.storedMs).toISOString() };
    const consumer = await this.#client.consumers.get(PLATFORM_EVENTS, start);
    const messages: StoredMessage[] = [];
    for await (const message of await consumer.fetch({ max_messages: max, expires: READ_WAIT_MS })) {
      messages.push(new ConsumedMessage(message));
      // It has caught up with the end: there is nothing to wait for.
      if (messages.length === max || message.info.pending === 0) break;
    }
    await consumer.delete().catch(() => {});
    return messages;
  }

  async streams(): Promise<StreamReport[]> {
    return Promise.all(
      [PLATFORM_EVENTS, CONNECTOR_DATA, AUDIT_LOG].map(async (name) => {
        const { state, config, mirror, created } = await this.#reader.streams.info(name);
        const maxAge = Number(config.max_age);
        return {
          name,
          messages: state.messages,
          bytes: state.bytes,
          firstSeq: state.first_seq,
          lastSeq: state.last_seq,
          maxAgeMs: maxAge === 0 ? null : maxAge / 1_000_000,
          lag: mirror ? mirror.lag : null,
          createdMs: Date.parse(String(created)),
        };
      }),
    );
  }

  async streamSettings(): Promise<StreamSettings[]> {
    return Promise.all(
      [PLATFORM_EVENTS, CONNECTOR_DATA, AUDIT_LOG].map(async (name) => {
        const { config } = await this.#reader.streams.info(name);
        return { name, storage: config.storage === StorageType.File ? 'file' : 'memory', replicas: config.num_replicas, deletionDenied: config.deny_delete && config.deny_purge } as const;
      }),
    );
  }

  async acknowledgedUpTo(name: string): Promise<number> {
    return (await this.#admin.consumers.info(PLATFORM_EVENTS, name)).ack_floor.stream_seq;
  }

  async unacknowledged(name: string): Promise<number> {
    const { num_pending: pending, num_ack_pending: underWay } = await this.#admin.consumers.info(PLATFORM_EVENTS, name);
    return pending + underWay;
  }

  snapshot(stream: string): Promise<StreamSnapshot> {
    return snapshotStream(this.#options.admin, stream);
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#publisher.close();
    await Promise.all([this.#options.service.drain().catch(() => {}), this.#options.admin.close().catch(() => {})]);
  }

  async #watchConnection(): Promise<void> {
    for await (const status of this.#options.service.status()) {
      if (this.#state === 'closed') return;
      const state: BusState | null = status.type === 'disconnect' ? 'reconnecting' : status.type === 'reconnect' ? 'connected' : null;
      if (state === null || state === this.#state) continue;
      this.#state = state;
      this.#options.onStateChange(state);
      if (state === 'connected') for (const listener of this.#onReconnect) listener();
    }
  }
}
