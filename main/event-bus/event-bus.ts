/**
 * The event bus as the rest of the house sees it. Drivers live in `drivers/`; this port says what they promise.
 */
import type { Envelope } from '../../shared/envelope.ts';

/** A message as the bus holds it. */
export interface StoredMessage {
  /** Position in `platform-events`: the order of truth. */
  readonly seq: number;
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** When the bus stored it: epoch ms, with fractions. */
  readonly storedMs: number;
}

/** A message delivered to a durable consumer. Exactly one of the answers must be given. */
export interface Delivery extends StoredMessage {
  /** It is dealt with. May get lost: the same message can be delivered again. */
  ack(): void;
  /** Deliver it again, not before `ms`. */
  retryLater(ms: number): void;
}

/** Deliveries in batches that grow with the load: one message when idle, many under pressure. */
export interface DeliverySource {
  /** Waits for at least one delivery; at most `max`. Empty only after `close`. */
  nextBatch(max: number): Promise<Delivery[]>;
  /** Deliveries that have arrived here and were not taken yet. */
  readonly buffered: number;
  /** Stop asking the bus for more; what has arrived is still handed out. */
  hold(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** Messages of `platform-events` in stream order, each once, without acknowledgement. */
export interface Follower {
  /** Waits for at least one message; at most `max`. Empty only after `close`. */
  nextBatch(max: number): Promise<StoredMessage[]>;
  close(): Promise<void>;
}

export interface PublishReceipt {
  readonly seq: number;
  /** True if the bus already held an event with this id (within its duplicate window) and dropped this one. */
  readonly duplicate: boolean;
}

export interface StreamReport {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** ms; null keeps for ever. */
  readonly maxAgeMs: number | null;
  /** Messages by which a copy is behind; null for the origin. */
  readonly lag: number | null;
  readonly createdMs: number;
}

/** A stream as an archive that its server can read again. */
export interface StreamSnapshot {
  /** As the server gives it, to be handed back unchanged. */
  readonly config: Record<string, unknown>;
  readonly state: { readonly messages: number; readonly first_seq: number; readonly last_seq: number; readonly [more: string]: unknown };
  /** In parts. Read it to the end, or the server waits in vain. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** How the server keeps a stream. */
export interface StreamSettings {
  readonly name: string;
  readonly storage: 'file' | 'memory';
  /** Servers that hold it. */
  readonly replicas: number;
  /** Neither delete nor purge is taken. */
  readonly deletionDenied: boolean;
}

/** A stream with everything that its server says of it. */
export interface StreamInspection extends StreamReport, StreamSettings {
  /** When the oldest and the newest message were stored, epoch ms; null while it is empty. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** null is without a limit. */
  readonly maxBytes: number | null;
  /** Ids are remembered so long, ms; null for a copy. */
  readonly duplicateWindowMs: number | null;
  /** The stream that it mirrors; null for the origin. */
  readonly copyOf: string | null;
  /** What it takes; of a copy what it copies, none: all. */
  readonly subjects: readonly string[];
  readonly consumers: number;
}

/** Who reads a stream, and how far. */
export interface ConsumerReport {
  readonly name: string;
  readonly durable: boolean;
  readonly subjects: readonly string[];
  readonly pending: number;
  readonly ackPending: number;
  readonly redelivered: number;
  readonly waitingPulls: number;
  readonly lastDelivered: { readonly seq: number; readonly atMs: number | null };
  /** null where nothing is acknowledged. */
  readonly ackedUpTo: number | null;
  readonly paused: boolean;
  readonly createdMs: number;
}

/** A place in a stream: a sequence, or the first message stored at or after a moment (epoch ms). */
export type StreamPlace = { readonly seq: number } | { readonly storedMs: number };

/** Looks into the streams as they lie on the server, and sets how long they keep. */
export interface StreamKeeper {
  /** The origin first. */
  inspect(): Promise<StreamInspection[]>;
  consumers(stream: string): Promise<ConsumerReport[]>;
  /** Messages from a place on (inclusive), of a subject if one is given. */
  count(stream: string, from: StreamPlace, subject?: string): Promise<number>;
  /** At most `max` messages from a sequence on (inclusive), in order. */
  after(stream: string, seq: number, max: number, subject?: string): Promise<StoredMessage[]>;
  /** The last `max` messages before a place, in order. */
  before(stream: string, place: StreamPlace, max: number, subject?: string): Promise<StoredMessage[]>;
  /** One message; null if it is gone. */
  message(stream: string, seq: number): Promise<StoredMessage | null>;
  /** Why our user may not change the stream, as the server says it; null if it may. */
  refusal(stream: string): Promise<string | null>;
  /** Limits in ms and bytes; null is none. @throws UnavailableError if the server refuses. */
  setRetention(stream: string, limits: { readonly maxAgeMs: number | null; readonly maxBytes: number | null }): Promise<void>;
}

export type BusState = 'connected' | 'reconnecting' | 'closed';

export interface EventBus {
  readonly serverVersion: string;
  /** Bytes of the largest message that the bus takes. */
  readonly maxPayload: number;
  state(): BusState;
  /**
   * Store an event durably. Resolves when the bus has acknowledged it.
   * @throws UnavailableError when the bus can't be reached or takes nothing (disk full).
   * @throws ConfigError when no stream takes the event's domain.
   */
  publish(event: Envelope, headers?: Readonly<Record<string, string>>): Promise<PublishReceipt>;
  /** Store events durably, `atOnce` at a time. One result an event, with what `publish` would have answered or thrown. */
  publishAll(events: readonly Envelope[], atOnce: number): Promise<PromiseSettledResult<PublishReceipt>[]>;
  /** The durable consumer `name` of these subjects: goes on where it left off, also after a crash. */
  deliveries(name: string, subjects: readonly string[]): Promise<DeliverySource>;
  /** One message by sequence; null if retention has taken it. */
  read(seq: number): Promise<StoredMessage | null>;
  /** Messages of `platform-events` from a sequence, or from the first one stored at or after a moment (epoch ms), on: at most `max`, in order; none at the end. */
  readOn(from: { readonly seq: number } | { readonly storedMs: number }, max: number): Promise<StoredMessage[]>;
  readonly keeper: StreamKeeper;
  streams(): Promise<StreamReport[]>;
  streamSettings(): Promise<StreamSettings[]>;
  /** Every event up to this sequence has been acknowledged by the durable consumer `name`. */
  acknowledgedUpTo(name: string): Promise<number>;
  /** Events that the durable consumer `name` has not been given or has not acknowledged. */
  unacknowledged(name: string): Promise<number>;
  /** A stream as it is now, while it is written to. @throws UnavailableError if it can't be had. */
  snapshot(stream: string): Promise<StreamSnapshot>;
  close(): Promise<void>;
}
