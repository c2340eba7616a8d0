/** CPU time of processes with all their children, also those that have ended (Linux: /proc). */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc (USER_HZ), 100 on every Linux that Node runs on. */
const TICKS = 100;

interface Stat {
  readonly parent: number;
  /** Own time and that of children which have ended, ticks. */
  readonly ticks: number;
}

function statOf(pid: string): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
    const [, parent = 0] = fields;
    return { parent, ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) };
  } catch {
    return null;
  }
}

/** Seconds of CPU that these processes and their descendants have used; NaN where /proc does not tell. */
export function cpuSeconds(pids: readonly number[]): number {
  if (process.platform !== 'linux') return Number.NaN;
  const all = new Map(readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    const stat = statOf(pid);
    return stat ? [[Number(pid), stat] as const] : [];
  }));
  const counted = new Set(pids);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, { parent }] of all) {
      if (counted.has(pid) || !counted.has(parent)) continue;
      counted.add(pid);
      grown = true;
    }
  }
  return [...counted].reduce((sum, pid) => sum + (all.get(pid)?.ticks ?? 0), 0) / TICKS;
}
