/** The single-instance lock, which lies in the user-data folder: the second instance hands its arguments to the first. */
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns true for the first; it hears of later ones by `onSecond`. Synchronous, as in Electron. */
export function takeInstanceLock(folder: string, onSecond: (argv: string[]) => void): boolean {
  mkdirSync(folder, { recursive: true });
  const lock = join(folder, 'double.lock');
  const isHeld = holderLives(lock);
  if (isHeld) {
    writeFileSync(join(folder, `double-second-${process.pid}.json`), JSON.stringify(process.argv));
    return false;
  }
  writeFileSync(lock, String(process.pid));
  const seen = (): void => {
    for (const name of readdirSync(folder).filter((each) => each.startsWith('double-second-'))) {
      const file = join(folder, name);
      try {
        const argv = JSON.parse(readFileSync(file, 'utf8')) as string[];
        rmSync(file);
        onSecond(argv);
      } catch {
        // It is still being written: the watcher speaks again.
      }
    }
  };
  watch(folder, seen).unref();
  return true;
}

function holderLives(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}
