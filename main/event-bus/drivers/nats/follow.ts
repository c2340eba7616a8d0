/** Follow `platform-events` on a connection of one's own, from whichever thread. */
import { Arrivals } from '../../arrivals.ts';
import type { Follower, StoredMessage } from '../../event-bus.ts';
import { connectNats, type NatsAddress } from './connection.ts';
import { keepConsuming } from './keep-consuming.ts';
import { DeliverPolicy, jetstream, type NatsConnection } from './nats-api.ts';
import { ConsumedMessage } from './stored-message.ts';
import { PLATFORM_EVENTS } from './streams.ts';

/** Where the stream is; can be handed to another thread. */
export interface FollowedStream extends NatsAddress {
  /** What the server calls the connection. */
  readonly name: string;
}

/**
 * Messages from a sequence on (inclusive).
 * @throws UnavailableError if the server can't be reached.
 */
export async function openFollower(stream: FollowedStream, fromSeq: number): Promise<Follower> {
  const connection = await connectNats(stream, stream.name);
  try {
    return await followOn(connection, fromSeq);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function followOn(connection: NatsConnection, fromSeq: number): Promise<Follower> {
  const client = jetstream(connection);
  const arrivals = new Arrivals<StoredMessage>();
  const reconnects = new Set<() => void>();
  let next = fromSeq;
  // Its consumer lived in the memory of the server that is gone; waiting for missed heartbeats would blind the view for most of a minute.
  const consuming = await keepConsuming(async () => {
    const consumer = await client.consumers.get(PLATFORM_EVENTS, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: next });
    return consumer.consume({
      max_messages: 2_000,
      callback: (message) => {
        // An ordered consumer that is made anew may repeat what we have.
        if (message.seq < next) return;
        next = message.seq + 1;
        arrivals.push(new ConsumedMessage(message));
      },
    });
  }, reconnects);
  void (async () => {
    for await (const { type } of connection.status()) if (type === 'reconnect') for (const reconnected of reconnects) reconnected();
  })();
  return {
    nextBatch: (max) => arrivals.take(max),
    async close() {
      await consuming.close();
      arrivals.close();
      await connection.close();
    },
  };
}
