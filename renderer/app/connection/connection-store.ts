/** What the header says of the connection. */
import { create } from 'zustand';
import type { SiteStatus } from '../../../shared/operator-api/index.ts';

export type ConnectionPhase = 'connecting' | 'live' | 'stale' | 'lost' | 'refused';

/** A status comes every second; when three are missing, what is shown is old. */
export const STALE_AFTER_MS = 3_000;

interface ConnectionState {
  /** Is the wire up? */
  open: boolean;
  /** The host refused us: there is no session. */
  refused: boolean;
  /** When the last status arrived, by the clock of this page. */
  lastUpdate: number | null;
  /** When the page was loaded or the wire went down. */
  since: number;
  status: SiteStatus | null;
}

export const useConnection = create<ConnectionState>(() => ({
  open: false,
  refused: false,
  lastUpdate: null,
  since: Date.now(),
  status: null,
}));

/** The live status of the site; null until the first one arrived. */
export function useSiteStatus(): SiteStatus | null {
  return useConnection((state) => state.status);
}

/** Judge the connection at a time. */
export function phaseOf(state: Pick<ConnectionState, 'open' | 'refused' | 'lastUpdate'>, now: number): ConnectionPhase {
  if (state.refused) return 'refused';
  if (!state.open) return state.lastUpdate === null ? 'connecting' : 'lost';
  if (state.lastUpdate === null) return 'connecting';
  return now - state.lastUpdate > STALE_AFTER_MS ? 'stale' : 'live';
}
