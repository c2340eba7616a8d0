/** Consuming that goes on: it is started again whenever it ends without our asking (server restarted, consumer lost). */
import type { ConsumerMessages } from './nats-api.ts';

/** Between tries to start again, ms. */
const AWAY_MS = 250;

export interface Consuming {
  close(): Promise<void>;
}

/** @param reconnects for a consumer that lives in the server's memory: is called after each reconnect, and ends it, to be made anew. */
export async function keepConsuming(start: () => Promise<ConsumerMessages>, reconnects?: Set<() => void>): Promise<Consuming> {
  let closing = false;
  let current = await start();
  const endCurrent = (): void => void current.close().catch(() => {});
  reconnects?.add(endCurrent);
  const watch = async (): Promise<void> => {
    while (!closing) {
      await current.closed().catch(() => {});
      while (!closing) {
        try {
          current = await start();
          break;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
        }
      }
    }
  };
  void watch();
  return {
    close: async () => {
      closing = true;
      reconnects?.delete(endCurrent);
      await current.close();
    },
  };
}
