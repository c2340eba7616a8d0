/**
 * Servers of ours that outlived us: when this process is killed -9, its children go on. They are found by their command
 * line, which names a path inside the data folder, and stopped. Call only while holding the folder's lock: then a server
 * with our path can't belong to anybody who lives.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { UnavailableError } from '../shared/errors.ts';
import type { EmbeddedLog, EmbeddedLogEntry } from './supervisor.ts';

export interface OrphanSearch {
  component: EmbeddedLogEntry['component'];
  /** Start of the executable's file name. */
  executable: string;
  /** A whole argument that only our servers carry. */
  argument: string;
  /** Signals to try, each with the time to wait for it; SIGKILL follows. */
  stopLadder: readonly { signal: NodeJS.Signals; waitMs: number }[];
}

/**
 * Finds and stops the servers that still run on our paths.
 * @returns the pids that were stopped
 * @throws UnavailableError when one can't be stopped
 */
export async function stopOrphans(search: OrphanSearch, log: EmbeddedLog): Promise<number[]> {
  const orphans = findServers(search);
  for (const pid of orphans) {
    log({ level: 'warn', component: search.component, message: `stopping ${search.component} ${pid}, left running by a console that died`, fields: { pid } });
    await stopOne(pid, search);
  }
  return orphans;
}

/** Pids of all processes that are `executable` with exactly `argument`. Zombies have no command line and don't count. */
export function findServers(search: Pick<OrphanSearch, 'executable' | 'argument'>): number[] {
  if (process.platform === 'linux') {
    return allPids().filter((pid) => {
      const words = commandLine(pid);
      return basename(words[0] ?? '').startsWith(search.executable) && words.includes(search.argument);
    });
  }
  // Windows has no ps; there the job object of the app ends the children with it.
  if (process.platform === 'win32') return [];
  const listing = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' });
  return listing.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    const isOurs = pid !== undefined && command !== undefined && command.includes(search.argument) && command.includes(search.executable);
    return isOurs && Number(pid) !== process.pid ? [Number(pid)] : [];
  });
}

/**
 * Waits until no Postgres process has `folder` as its working folder (Postgres' helpers outlive a killed postmaster for
 * some milliseconds). Linux only; elsewhere it answers at once.
 * @returns whether the folder is quiet
 */
export async function untilQuiet(folder: string, limitMs: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const deadline = performance.now() + limitMs;
  while (allPids().some((pid) => workingFolder(pid) === folder && commandLine(pid).join(' ').includes('postgres'))) {
    if (performance.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

async function stopOne(pid: number, search: OrphanSearch): Promise<void> {
  const isGone = (): boolean => !findServers(search).includes(pid);
  for (const { signal, waitMs } of [...search.stopLadder, { signal: 'SIGKILL' as const, waitMs: 2_000 }]) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone between the look and the signal, or not ours to signal: the look below tells which.
    }
    const deadline = performance.now() + waitMs;
    while (performance.now() < deadline) {
      if (isGone()) return;
      await delay(10);
    }
  }
  throw new UnavailableError(`embedded ${search.component}`, `process ${pid} of an earlier start still uses this data folder and can't be stopped`, `Stop process ${pid} by hand.`);
}

function allPids(): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}
