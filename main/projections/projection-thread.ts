/** Entry of the projection's worker threads. */
import { serveThread } from './threads.ts';

await serveThread(async () => (await import('../event-bus/drivers/nats/follow.ts')).openFollower);
