/** One load on one contender: events at a rate (or as fast as they are taken), and what came of each. */
import { randomUUID } from 'node:crypto';
import type { Contender } from './contenders/contender.ts';
import { cpuSeconds } from './cpu.ts';

export interface Load {
  readonly name: string;
  /** Null: as fast as they are acknowledged, with 64 under way. */
  readonly perSecond: number | null;
  readonly events: number;
}

export interface Figures {
  /** What was really published, per second. */
  readonly publishedPerSecond: number;
  /** Durably acknowledged → handler started, ms. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** From the first publish until all is done and recorded. */
  readonly jobsPerSecond: number;
  /** Of everything but the load generator, per 1,000 jobs; over the run until all is done. */
  readonly cpuSecondsPer1000: number;
}

const UNDER_WAY_FLAT_OUT = 64;

export async function measure(contender: Contender, load: Load): Promise<Figures> {
  const storedAt = new Map<string, number>();
  const cpuBefore = cpuSeconds(contender.pids());
  const from = performance.now();
  const publishOne = async (): Promise<void> => {
    const id = randomUUID();
    storedAt.set(id, Number.NaN);
    storedAt.set(id, await contender.publish(id));
  };
  await (load.perSecond === null ? flatOut(load.events, publishOne) : paced(load.events, load.perSecond, publishOne));
  const publishedMs = performance.now() - from;
  const runs = await contender.settled(new Set(storedAt.keys()));
  const doneMs = performance.now() - from;
  const cpu = cpuSeconds(contender.pids()) - cpuBefore;
  // A handler may start before the publisher has heard that its event is stored.
  const latencies = [...storedAt].map(([id, stored]) => Math.max(0, (runs.get(id)?.startedMs ?? Number.NaN) - stored)).sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.min(latencies.length - 1, Math.ceil(share * latencies.length) - 1)] ?? Number.NaN;
  return {
    publishedPerSecond: load.events / (publishedMs / 1_000), jobsPerSecond: load.events / (doneMs / 1_000),
    p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1), cpuSecondsPer1000: (cpu / load.events) * 1_000,
  };
}

async function paced(events: number, perSecond: number, publishOne: () => Promise<void>): Promise<void> {
  const pending: Promise<void>[] = [];
  const from = performance.now();
  while (pending.length < events) {
    const due = Math.min(events, Math.floor(((performance.now() - from) / 1_000) * perSecond) + 1);
    while (pending.length < due) pending.push(publishOne());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
}

async function flatOut(events: number, publishOne: () => Promise<void>): Promise<void> {
  let left = events;
  const one = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await publishOne();
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY_FLAT_OUT }, one));
}
