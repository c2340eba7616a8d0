/** The shell's own client of the operator API: follows the site's status for tray, badge and notifications, and pauses workers. */
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { MessagePortMain } from 'electron';
import { credited } from '../shared/credited.ts';
import type { operatorApi, QueueStatus, SiteStatus } from '../shared/operator-api/index.ts';

const REASON = 'paused from the desktop tray';

export class SiteLink {
  readonly #client: ContractRouterClient<typeof operatorApi>;
  readonly #port: MessagePortMain;
  readonly #end = new AbortController();

  /** `port` is the far end of one that the services hold. `onStatus` is called about once a second. */
  constructor(port: MessagePortMain, onStatus: (status: SiteStatus) => void) {
    this.#port = port;
    this.#client = createORPCClient(new RPCLink({ port }));
    port.start();
    void this.#follow(onStatus);
  }

  close(): void {
    this.#end.abort();
    this.#port.close();
  }

  /** All queues, measured now, with who paused which. */
  async queues(): Promise<QueueStatus[]> {
    return (await this.#client.tiers.queues()).queues;
  }

  /** Pause every queue that runs. @returns how many. */
  async pauseAll(): Promise<number> {
    const running = (await this.queues()).filter(({ paused }) => paused === null);
    for (const { queue } of running) await this.#client.tiers.pause({ queue, reason: REASON });
    return running.length;
  }

  /** Resume every queue that is paused, by whomever. @returns how many. */
  async resumeAll(): Promise<number> {
    const paused = (await this.queues()).filter((queue) => queue.paused !== null);
    for (const { queue } of paused) await this.#client.tiers.resume({ queue });
    return paused.length;
  }

  async #follow(onStatus: (status: SiteStatus) => void): Promise<void> {
    const { signal } = this.#end;
    try {
      for await (const status of credited((opening) => this.#client.site.watch(opening, { signal }), (grant) => this.#client.streams.grant(grant), signal)) onStatus(status);
    } catch {
      // The services are gone; whoever made this link makes another when they are back.
    }
  }
}
