/**
 * Node's engine compiles what has become hot on threads of its own, with the same priority as the one that runs jobs. The
 * scheduler puts such a thread in its place for the three milliseconds that a compilation takes, even while another core has
 * nothing to do; an event that arrives meanwhile waits for it. Nobody waits for compiled code: it may come a moment later.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const TASKS = '/proc/self/task';
const NAME = 'V8Worker';
/** In the sense of nice(2): 0 is as all others, 19 is last. */
const LOWER_PRIORITY = 10;

/** Only Linux sets the priority of a single thread; elsewhere nothing happens. @returns how many threads have stepped back. */
export function compileInSecondPlace(): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync(TASKS).filter((task) => {
    try {
      if (readFileSync(`${TASKS}/${task}/comm`, 'utf8').trim() !== NAME) return false;
      setPriority(Number(task), LOWER_PRIORITY);
      return true;
    } catch {
      // The thread has ended, or this system lets nobody do so: then all stays as it is.
      return false;
    }
  }).length;
}
