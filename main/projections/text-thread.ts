/** The thread of the projection that keeps the text index. */
import { setPriority } from 'node:os';
import { deleteProjection, isDamage } from './database-file.ts';
import { TextIndex } from './text-index.ts';

/** The text index takes this much at a time, and looks this often whether there is more, ms: a search waits for one step at most. */
const TEXT_STEP = 200;
const TEXT_EVERY_MS = 250;

/** Last of the process's own threads, in the sense of nice(2). */
const LOWEST_PRIORITY = 19;

export function textThread(path: string) {
  if (process.platform === 'linux') setPriority(0, LOWEST_PRIORITY);
  let index = new TextIndex(path, `${path}.text`);
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const step = (): void => {
    if (stopped) return;
    let more = false;
    try {
      more = index.advance(TEXT_STEP);
    } catch (error) {
      // A full disk may pass; a damaged index is begun anew. A damaged read model is noticed by who writes it, and ends this thread.
      if (isDamage(error)) index = startAnew(index);
    }
    timer = setTimeout(step, more ? 0 : TEXT_EVERY_MS);
  };
  const startAnew = (damaged: TextIndex): TextIndex => {
    try {
      damaged.close();
      deleteProjection(`${path}.text`);
      return new TextIndex(path, `${path}.text`);
    } catch {
      return damaged;
    }
  };
  step();
  return {
    events: (...given: Parameters<TextIndex['events']>) => index.events(...given),
    failures: (tokens: string[], max: number) => index.failures(tokens, max),
    jobs: (...given: Parameters<TextIndex['jobs']>) => index.jobs(...given),
    close() {
      stopped = true;
      clearTimeout(timer);
      index.close();
    },
  };
}

export type TextThread = ReturnType<typeof textThread>;
