/**
 * Background gives way (docs/adr/0017): each job takes from the machine what the faster tiers need, and several at once
 * make a burst that the next realtime event meets. So while those tiers work, background claims two at a time. Its
 * promise is minutes: once a job has waited for a few of them, it claims what it has room for, in groups.
 */
import type { Tier } from '../../shared/tiers.ts';
import type { ClaimedJob } from '../job-queue/job-queue.ts';

/** How a pump may claim. */
export interface ClaimPace {
  /** Between two claims, ms: slots that come free meanwhile are filled together. 0: each as it comes free. */
  readonly everyMs: number;
  readonly atMost: number;
}

const AT_ONCE: ClaimPace = { everyMs: 0, atMost: Number.POSITIVE_INFINITY };
const IN_GROUPS: ClaimPace = { everyMs: 10, atMost: Number.POSITIVE_INFINITY };
const IN_WIDER_GROUPS: ClaimPace = { everyMs: 40, atMost: Number.POSITIVE_INFINITY };
const ASIDE: ClaimPace = { everyMs: 40, atMost: 2 };
/** A faster tier is at work if one of its attempts began within this, ms. */
const MOMENT_MS = 250;
/** A background job that has waited for longer is not asked to wait any more, ms. */
const PATIENCE_MS = 300_000;

export class GivingWay {
  /** When an attempt of a faster tier than background began last, ms of performance.now(). */
  #othersWorkedMs = Number.NEGATIVE_INFINITY;
  /** How long the oldest job of each queue's last claim had waited, ms. */
  readonly #waitedMs = new Map<string, number>();

  /** An attempt begins. */
  begins(tier: Tier): void {
    if (tier !== 'background') this.#othersWorkedMs = performance.now();
  }

  /** These jobs of a queue have been claimed. A retry has waited by its own rule: it says nothing of the queue. */
  claimed(queue: string, jobs: readonly ClaimedJob[]): void {
    const waits = jobs.filter(({ attempt }) => attempt === 1).flatMap(({ payload }) => {
      const enqueuedMs = (payload as { enqueuedMs?: unknown } | null)?.enqueuedMs;
      return typeof enqueuedMs === 'number' ? [Date.now() - enqueuedMs] : [];
    });
    if (waits.length > 0) this.#waitedMs.set(queue, Math.max(...waits));
  }

  /** For the next claim of a queue. */
  paceOf(queue: string, tier: Tier): ClaimPace {
    if (tier !== 'background') return AT_ONCE;
    if (performance.now() - this.#othersWorkedMs >= MOMENT_MS) return IN_GROUPS;
    return (this.#waitedMs.get(queue) ?? 0) < PATIENCE_MS ? ASIDE : IN_WIDER_GROUPS;
  }
}
