/**
 * Schedules: pg-boss keeps the clock and puts a firing on a queue of its own; here each firing becomes a system.ScheduleFired
 * event, which starts a correlation and owes the job. The event leaves with the transaction that takes the firing off.
 */
import type pg from 'pg';
import * as z from 'zod';
import { createTyped } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import type { SiteConfig } from '../config/site-config.ts';
import { inTransaction } from '../database/database.ts';
import type { ClaimedJob, CronSchedule, JobQueue } from '../job-queue/job-queue.ts';
import { putIntoOutbox } from '../outbox/outbox.ts';
import { Pump } from '../workers/pump.ts';

const QUEUE = 'schedule-firings';

const Firing = z.object({ schedule: z.string(), jobType: z.string(), input: z.record(z.string(), z.unknown()) });

/** All schedules of a site: its own and those of its connectors. */
export function schedulesOf(config: SiteConfig): CronSchedule[] {
  return [
    ...config.schedules.map(({ id, cron, timeZone, jobType, input }) => ({ key: id, cron, timeZone, data: { schedule: id, jobType, input } })),
    ...config.connectors.flatMap(({ id, schedule }) =>
      schedule ? [{ key: `connector-${id}`, ...schedule, data: { schedule: `connector-${id}`, jobType: 'SyncConnectorDataJob', input: { connectorId: id } } }] : [],
    ),
  ];
}

export interface ScheduleFiringsOptions {
  readonly queue: JobQueue;
  readonly pool: pg.Pool;
  readonly source: string;
  readonly onFired: () => void;
  readonly onError: (error: unknown) => void;
}

export class ScheduleFirings {
  readonly #options: ScheduleFiringsOptions;
  readonly #pump: Pump;

  constructor(options: ScheduleFiringsOptions) {
    this.#options = options;
    const { queue, onError } = options;
    this.#pump = new Pump({ queueName: QUEUE, jobTypes: [], concurrency: 8, queue, onError, onClaimed: () => {}, run: (job) => this.#fire(job) });
  }

  async start(schedules: readonly CronSchedule[]): Promise<void> {
    const { queue } = this.#options;
    await queue.ensureQueue(QUEUE, 'interactive');
    await queue.setSchedules(QUEUE, schedules);
    this.#pump.start();
  }

  async stop(): Promise<void> {
    await this.#pump.stop(2_000);
  }

  async #fire(job: ClaimedJob): Promise<void> {
    const { queue, pool, source, onFired, onError } = this.#options;
    const firing = Firing.safeParse(job.payload);
    await inTransaction(pool, async (tx) => {
      const good = await queue.finish(tx, QUEUE, [job]);
      if (good.size === 0) return;
      if (!firing.success) {
        onError(new Error(`a firing on ${QUEUE} can't be read: ${firing.error.message}`));
        return;
      }
      await putIntoOutbox(tx, [createTyped({ eventType: 'system.ScheduleFired', source, data: firing.data }) as Envelope]);
    });
    onFired();
  }
}
