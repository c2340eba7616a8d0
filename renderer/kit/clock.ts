/** One ticking clock for the whole page: relative times re-render together, once a second. */
import { useSyncExternalStore } from 'react';

function createTicker(everyMs: number): (listener: () => void) => () => void {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  return (listener) => {
    listeners.add(listener);
    timer ??= setInterval(() => listeners.forEach((each) => each()), everyMs);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  };
}

const everySecond = createTicker(1_000);
const fast = createTicker(200);
const second = (): number => Math.floor(Date.now() / 1_000) * 1_000;
const fifth = (): number => Math.floor(Date.now() / 200) * 200;

/** The time now, to the second; the component renders again each second. */
export function useNow(): number {
  return useSyncExternalStore(everySecond, second);
}

/** The time now, five times a second: only for what must look alive. */
export function useFastNow(): number {
  return useSyncExternalStore(fast, fifth);
}
