/** What tray, badge and tooltip say of a site. Free of Electron, so that it can be tested alone. */
import type { SiteStatus } from '../shared/operator-api/index.ts';
import type { ShellState } from '../shared/desktop-api.ts';

/** `off`: nothing runs, or nothing is known. */
export type Tone = 'ok' | 'warn' | 'bad' | 'off';

export interface TrayWords {
  readonly tone: Tone;
  /** One line: the tooltip, and the first entry of the menu. */
  readonly headline: string;
  /** One line a tier. */
  readonly tiers: readonly string[];
  readonly deadLetters: string;
  /** Waiting dead letters, for the badge; 0 shows none. */
  readonly badge: number;
}

const VERDICTS = { kept: 'kept', 'at-risk': 'at risk', broken: 'broken', unknown: 'nothing started lately' } as const;
const many = (n: number, one: string, more: string): string => `${n.toLocaleString('en')} ${n === 1 ? one : more}`;

/** @param site null while there is no status, or only an old one. */
export function trayWords(shell: Pick<ShellState, 'phase' | 'message'>, site: SiteStatus | null): TrayWords {
  if (shell.phase !== 'running' && shell.phase !== 'draining') return { ...NOTHING, ...WITHOUT_SITE[shell.phase] };
  if (!site) return { ...NOTHING, tone: 'off', headline: 'Connecting to the services …' };
  const broken = site.tiers.filter(({ verdict }) => verdict === 'broken').length;
  const down = site.components.filter(({ health }) => health === 'down').map(({ name }) => name);
  const uneasy = site.attention.filter(({ severity }) => severity !== 'info').length;
  const tone: Tone = down.length > 0 || broken > 0 ? 'bad' : uneasy > 0 || site.components.some(({ health }) => health === 'degraded') ? 'warn' : 'ok';
  const answer = down.length > 0 ? `${down.join(' and ')} down` : broken > 0 ? `${many(broken, 'promise', 'promises')} broken` : uneasy > 0 ? `${many(uneasy, 'thing wants', 'things want')} attention` : 'All is well';
  return {
    tone,
    headline: shell.phase === 'draining' ? (shell.message ?? 'Waiting for running jobs') : `${site.site}: ${answer}`,
    tiers: site.tiers.map(({ tier, verdict, p99Ms }) => `${tier}: ${VERDICTS[verdict]}${p99Ms === null ? '' : `, p99 ${duration(p99Ms)}`}`),
    deadLetters: site.deadLetters.waiting === 0 ? 'No dead letters' : `${many(site.deadLetters.waiting, 'dead letter waits', 'dead letters wait')}`,
    badge: site.deadLetters.waiting,
  };
}

const NOTHING = { tiers: [], deadLetters: 'Dead letters: unknown', badge: 0 } as const;
const WITHOUT_SITE: Record<'setup' | 'starting' | 'restarting' | 'failed', { tone: Tone; headline: string }> = {
  setup: { tone: 'off', headline: 'This site is not set up yet' },
  starting: { tone: 'off', headline: 'The services are starting …' },
  restarting: { tone: 'warn', headline: 'The services died and are started again …' },
  failed: { tone: 'bad', headline: 'The services can’t be started' },
};

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
