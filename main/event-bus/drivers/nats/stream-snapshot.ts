/**
 * Snapshots of whole streams, taken while they are written to, and put back on another server. The server makes the snapshot
 * (a compressed archive of the stream's files), we carry its chunks: each is acknowledged, so that neither side runs ahead.
 *
 *   $JS.API.STREAM.SNAPSHOT.<stream>   chunks come to a subject of ours; an empty message with a status ends them
 *   $JS.API.STREAM.RESTORE.<stream>    chunks go to a subject of the server's; an empty message ends them
 */
import { createInbox } from '@nats-io/transport-node';
import * as z from 'zod';
import { ConflictError, messageOf, UnavailableError } from '../../../../shared/errors.ts';
import type { StreamSnapshot } from '../../event-bus.ts';
import type { NatsConnection } from './nats-api.ts';

const ANSWER_MS = 30_000;
/** Between two chunks; the server gives up on us after some seconds as well. */
const CHUNK_MS = 30_000;
const CHUNK_BYTES = 256 * 1_024;
/** The server's answer to the last chunk comes when it has read all of them. */
const RESTORED_MS = 600_000;

const ApiError = z.object({ code: z.int(), err_code: z.int().optional(), description: z.string() });
/** As the server gives it, to be handed back unchanged. */
const Opaque = z.record(z.string(), z.unknown());
const SnapshotAnswer = z.object({ error: ApiError.optional(), config: Opaque.optional(), state: z.looseObject({ messages: z.int(), first_seq: z.int(), last_seq: z.int() }).optional() });
const RestoreAnswer = z.object({ error: ApiError.optional(), deliver_subject: z.string().optional() });
const RestoredAnswer = z.object({ error: ApiError.optional(), state: z.looseObject({ messages: z.int(), last_seq: z.int() }).optional() });

/**
 * Snapshot a stream without its consumers: where they stand is for the backup to say.
 * @param connection of a user who may ask for snapshots.
 * @throws UnavailableError if the server refuses or stops sending.
 */
export async function snapshotStream(connection: NatsConnection, stream: string): Promise<StreamSnapshot> {
  const inbox = createInbox();
  const subscription = connection.subscribe(inbox);
  const failed = (problem: string, cause?: unknown): UnavailableError => new UnavailableError(`stream ${stream}`, `no snapshot could be taken (${problem})`, 'Is the server up and its disk healthy? Try again.', { cause });
  let answer: z.infer<typeof SnapshotAnswer>;
  try {
    const reply = await connection.request(`$JS.API.STREAM.SNAPSHOT.${stream}`, JSON.stringify({ deliver_subject: inbox, no_consumers: true, chunk_size: CHUNK_BYTES }), { timeout: ANSWER_MS });
    answer = SnapshotAnswer.parse(reply.json());
  } catch (cause) {
    subscription.unsubscribe();
    throw failed(messageOf(cause), cause);
  }
  const { error, config, state } = answer;
  if (error || !config || !state) {
    subscription.unsubscribe();
    throw failed(error?.description ?? 'an answer without a state');
  }
  return { config, state, chunks: chunksOf() };

  async function* chunksOf(): AsyncGenerator<Uint8Array, void> {
    let timer: NodeJS.Timeout | undefined;
    let timedOut = false;
    const restart = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timedOut = true;
        subscription.unsubscribe();
      }, CHUNK_MS);
    };
    try {
      restart();
      for await (const message of subscription) {
        if (message.data.length === 0) {
          const status = message.headers?.code ?? 0;
          if (status >= 300) throw failed(message.headers?.description ?? `status ${status}`);
          return;
        }
        yield message.data;
        message.respond();
        restart();
      }
      throw failed(timedOut ? `nothing came for ${CHUNK_MS / 1_000} s` : 'the connection was lost');
    } finally {
      clearTimeout(timer);
      subscription.unsubscribe();
    }
  }
}

/**
 * Put a snapshot back as a new stream.
 * @throws ConflictError if there is a stream by that name. @throws UnavailableError if the server does not take it.
 */
export async function restoreStream(connection: NatsConnection, stream: string, snapshot: StreamSnapshot): Promise<{ messages: number; lastSeq: number }> {
  const failed = (problem: string): UnavailableError => new UnavailableError(`stream ${stream}`, `could not be restored (${problem})`, 'Restore into an empty data folder with enough free disk.');
  const reply = await connection.request(`$JS.API.STREAM.RESTORE.${stream}`, JSON.stringify({ config: snapshot.config, state: snapshot.state }), { timeout: ANSWER_MS });
  const { error, deliver_subject: to } = RestoreAnswer.parse(reply.json());
  if (error?.err_code === STREAM_EXISTS) throw new ConflictError(`The stream ${stream} exists already. A backup is restored into an empty site only.`);
  if (error || to === undefined) throw failed(error?.description ?? 'an answer without a subject');
  for await (const chunk of snapshot.chunks) await connection.request(to, chunk, { timeout: CHUNK_MS });
  const last = await connection.request(to, new Uint8Array(), { timeout: RESTORED_MS });
  const restored = RestoredAnswer.parse(last.json());
  if (restored.error || !restored.state) throw failed(restored.error?.description ?? 'an answer without a state');
  return { messages: restored.state.messages, lastSeq: restored.state.last_seq };
}

const STREAM_EXISTS = 10058;
