/** What a worker thread of the projection does: one follows the bus and writes, one reads, one keeps the text index. Each loads what it needs. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { expose } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import type { OpenFollower } from './writing-thread.ts';

/** What a thread is given. */
export type ThreadData = {
  readonly role: 'read' | 'text';
  readonly file: string;
} | {
  readonly role: 'write';
  readonly file: string;
  /** Where its questions go. */
  readonly services: MessagePort;
};

/** Be the thread that `workerData` says. @param loadFollower loads what opens the followed stream. */
export async function serveThread(loadFollower: () => Promise<OpenFollower>): Promise<void> {
  const data = workerData as ThreadData;
  if (!parentPort) throw new Error('this is no thread');
  const endpoint = nodeEndpoint(parentPort);
  if (data.role === 'write') expose((await import('./writing-thread.ts')).writerThread(data.file, data.services, await loadFollower()), endpoint);
  else if (data.role === 'read') expose((await import('./reading-thread.ts')).readerThread(data.file), endpoint);
  else expose((await import('./text-thread.ts')).textThread(data.file), endpoint);
}
