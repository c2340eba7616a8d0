/** The thread of the projection that follows the bus and writes. */
import { setPriority } from 'node:os';
import type { MessagePort } from 'node:worker_threads';
import { wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { FollowedStream } from '../event-bus/drivers/nats/follow.ts';
import type { Follower } from '../event-bus/event-bus.ts';
import type { ReadLedgerEntry } from '../job-queue/ledger.ts';
import { type FollowedFrom, Following } from './following.ts';
import { guarded, openForWriting } from './projection-store.ts';

/** Opens what the view follows: messages from a sequence on. */
export type OpenFollower = (stream: FollowedStream, fromSeq: number) => Promise<Follower>;

/** Of a process's own threads, in the sense of nice(2): 0 is as all others, 19 is last. */
const LOWER_PRIORITY = 10;

export function writerThread(path: string, port: MessagePort, openFollower: OpenFollower) {
  // The view may lag when the machine is full; the work it tells of may not. Only Linux sets the priority of a single thread.
  if (process.platform === 'linux') setPriority(0, LOWER_PRIORITY);
  const { writer, rebuilt, close } = openForWriting(path);
  // Each look-up of a method makes a new one.
  const { read, refused, judge, applied } = wrap<FollowedFrom>(nodeEndpoint(port));
  let following: Following | null = null;
  return {
    rebuilt: () => rebuilt,
    position: () => writer.position(),
    /** Follow from where the view is. Resolves when the bus has been reached. @throws UnavailableError. */
    async follow(stream: FollowedStream, judgedElsewhere: readonly string[]) {
      const follower = await openFollower(stream, writer.position().lastSeq + 1);
      following = new Following({ follower, writer, catalogue: new EventCatalogue(), judgedElsewhere, services: { read, refused, judge, applied } });
    },
    /** Resolves when closed. @throws what the view could not write. */
    async followed() {
      await following?.run().catch((error: unknown) => guarded(() => { throw error; }));
    },
    /** Somebody looks at the live feed, or nobody does any more. */
    watched(watched: boolean) {
      if (following) following.watched = watched;
    },
    applyLedger: (entries: ReadLedgerEntry[]) => guarded(() => writer.applyLedger(entries)),
    prune: (beforeMs: number, max: number) => guarded(() => writer.prune(beforeMs, max)),
    stopFollowing: async () => following?.close(),
    close,
  };
}

export type WriterThread = ReturnType<typeof writerThread>;
