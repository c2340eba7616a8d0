/** What the doctor looks at, and with what; a test brings its own disk and clock. */
import { statfsSync } from 'node:fs';
import type { LoadedConfig } from '../config/load-config.ts';

export interface Patient {
  /** The data folder; need not be there. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  /** null if the configuration can't be read. */
  readonly loaded: LoadedConfig | null;
  /** Is a site at work here now? Then its ports are taken by right. */
  readonly running: boolean;
  readonly instruments: Instruments;
}

export interface Instruments {
  /** Bytes: free for this user, and in all, on the disk that holds `path`. */
  disk(path: string): { readonly free: number; readonly total: number };
  nowMs(): number;
}

export const INSTRUMENTS: Instruments = {
  disk(path) {
    const { bavail, blocks, bsize } = statfsSync(path);
    return { free: bavail * bsize, total: blocks * bsize };
  },
  nowMs: () => Date.now(),
};
