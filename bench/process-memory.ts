/** Memory of a process and all that it started, from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  readonly pid: number;
  readonly program: string;
  /** Proportional set size: shared pages count as the share of each who has them. Bytes. */
  readonly pssBytes: number;
  /** Resident set size: shared pages count in full for each. Bytes. */
  readonly rssBytes: number;
}

export function memoryOfTree(root: number): ProcessMemory[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The name in brackets may hold blanks; what follows it does not.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  const isInside = (pid: number): boolean => pid === root || (parents.has(pid) && parents.get(pid) !== 0 && isInside(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(isInside).flatMap((pid) => {
    try {
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      const bytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0) * 1_024;
      return [{ pid, program: readFileSync(`/proc/${pid}/comm`, 'utf8').trim(), pssBytes: bytes('Pss'), rssBytes: bytes('Rss') }];
    } catch {
      return [];
    }
  });
}
