/** What tray, badge and tooltip say of a site. Free of Electron, so that it can be tested alone. */
import { language, message, t } from '../shared/i18n/translate.ts';
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

const VERDICTS = { kept: message('kept'), 'at-risk': message('at risk'), broken: message('broken'), unknown: message('nothing started lately') } as const;
const list = (names: readonly string[]): string => new Intl.ListFormat(language() === 'en' ? 'en-GB' : language()).format(names);

/** @param site null while there is no status, or only an old one. */
export function trayWords(shell: Pick<ShellState, 'phase' | 'message'>, site: SiteStatus | null): TrayWords {
  if (shell.phase !== 'running' && shell.phase !== 'draining') {
    const { tone, headline } = WITHOUT_SITE[shell.phase];
    return { ...nothing(), tone, headline: t(headline) };
  }
  if (!site) return { ...nothing(), tone: 'off', headline: t('Connecting to the services …') };
  const broken = site.tiers.filter(({ verdict }) => verdict === 'broken').length;
  const down = site.components.filter(({ health }) => health === 'down').map(({ name }) => t(name));
  const uneasy = site.attention.filter(({ severity }) => severity !== 'info').length;
  const tone: Tone = down.length > 0 || broken > 0 ? 'bad' : uneasy > 0 || site.components.some(({ health }) => health === 'degraded') ? 'warn' : 'ok';
  const answer =
    down.length > 0 ? t('{parts} down', { parts: list(down) })
    : broken > 0 ? t('{n, plural, one {# promise} other {# promises}} broken', { n: broken })
    : uneasy > 0 ? t('{n, plural, one {# thing wants} other {# things want}} attention', { n: uneasy })
    : t('All is well');
  return {
    tone,
    headline: shell.phase === 'draining' ? (shell.message ?? t('Waiting for running jobs')) : `${site.site}: ${answer}`,
    tiers: site.tiers.map(({ tier, verdict, p99Ms }) => {
      const word = VERDICTS[verdict];
      return `${tier}: ${t(word)}${p99Ms === null ? '' : `, p99 ${duration(p99Ms)}`}`;
    }),
    deadLetters: site.deadLetters.waiting === 0 ? t('No dead letters') : t('{n, plural, one {# dead letter waits} other {# dead letters wait}}', { n: site.deadLetters.waiting }),
    badge: site.deadLetters.waiting,
  };
}

const nothing = () => ({ tiers: [], deadLetters: t('Dead letters: unknown'), badge: 0 });
const WITHOUT_SITE: Record<'setup' | 'starting' | 'restarting' | 'failed', { tone: Tone; headline: string }> = {
  setup: { tone: 'off', headline: message('This site is not set up yet') },
  starting: { tone: 'off', headline: message('The services are starting …') },
  restarting: { tone: 'warn', headline: message('The services died and are started again …') },
  failed: { tone: 'bad', headline: message('The services can’t be started') },
};

function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : ms < 60_000 ? `${new Intl.NumberFormat(language(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
