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

/** Messages in stream order, each once, without acknowledgement. */
export interface Follower {
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
  /** Follow `platform-events` from a sequence on (inclusive). */
  follow(fromSeq: number): Promise<Follower>;
  /** One message by sequence; null if retention has taken it. */
  read(seq: number): Promise<StoredMessage | null>;
  /** Messages of `platform-events` from a sequence, or from the first one stored at or after a moment (epoch ms), on: at most `max`, in order; none at the end. */
  readOn(from: { readonly seq: number } | { readonly storedMs: number }, max: number): Promise<StoredMessage[]>;
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
