/** States and verdicts: always an icon and a word, never colour alone. */
import {
  IconAlertTriangle, IconArrowUpRight, IconBan, IconCircleCheck, IconCircleDashed, IconClock, IconFlask, IconHandStop, IconHelpCircle,
  IconInbox, IconLoader2, IconMinus, IconPlayerPause,
  IconPlayerPlay, IconRefresh, IconRotateClockwise, IconSkull, IconTrash, IconX,
} from '@tabler/icons-react';
import type { ComponentType, ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { FailureFamilyRow, GuaranteeRow, Health, JobState, RedriveItem, RedriveRow, StepVerdict, TierSummary } from '../../shared/operator-api/index.ts';

export type Tone = 'ok' | 'waiting' | 'running' | 'retrying' | 'failed' | 'dead' | 'unknown' | 'quiet';

interface Look {
  readonly tone: Tone;
  /** A message. */
  readonly word: string;
  readonly icon: ComponentType<{ size?: number | string; stroke?: number }>;
}

const JOB_STATES: Record<JobState, Look> = {
  waiting: { tone: 'waiting', word: message('waiting'), icon: IconClock },
  running: { tone: 'running', word: message('running'), icon: IconPlayerPlay },
  retrying: { tone: 'retrying', word: message('retrying'), icon: IconRefresh },
  completed: { tone: 'ok', word: message('completed'), icon: IconCircleCheck },
  dead: { tone: 'dead', word: message('dead letter'), icon: IconSkull },
  cancelled: { tone: 'quiet', word: message('cancelled'), icon: IconBan },
  discarded: { tone: 'quiet', word: message('discarded'), icon: IconTrash },
  redriven: { tone: 'ok', word: message('redriven'), icon: IconRotateClockwise },
};


const ATTEMPTS: Record<'running' | 'completed' | 'failed' | 'dead' | 'cancelled' | 'lost', Look> = {
  running: JOB_STATES.running,
  completed: JOB_STATES.completed,
  failed: { tone: 'failed', word: message('failed'), icon: IconX },
  dead: { tone: 'dead', word: message('failed, dead letter'), icon: IconSkull },
  cancelled: JOB_STATES.cancelled,
  lost: { tone: 'failed', word: message('worker lost'), icon: IconAlertTriangle },
};

const VERDICTS: Record<TierSummary['verdict'], Look> = {
  kept: { tone: 'ok', word: message('kept'), icon: IconCircleCheck },
  'at-risk': { tone: 'retrying', word: message('at risk'), icon: IconAlertTriangle },
  broken: { tone: 'failed', word: message('broken'), icon: IconX },
  unknown: { tone: 'unknown', word: message('nothing to judge by'), icon: IconHelpCircle },
};

const HEALTHS: Record<Health, Look> = {
  ok: { tone: 'ok', word: message('ok'), icon: IconCircleCheck },
  degraded: { tone: 'retrying', word: message('degraded'), icon: IconAlertTriangle },
  down: { tone: 'failed', word: message('down'), icon: IconX },
  starting: { tone: 'running', word: message('starting'), icon: IconLoader2 },
  unknown: { tone: 'unknown', word: message('unknown'), icon: IconHelpCircle },
};

const TRENDS: Record<FailureFamilyRow['trend'], Look> = {
  growing: { tone: 'failed', word: message('growing'), icon: IconArrowUpRight },
  steady: { tone: 'waiting', word: message('steady'), icon: IconMinus },
  quiet: { tone: 'quiet', word: message('quiet'), icon: IconCircleDashed },
};

const REDRIVES: Record<RedriveRow['state'], Look> = {
  canary: { tone: 'running', word: message('canary'), icon: IconFlask },
  running: JOB_STATES.running,
  settling: { tone: 'running', word: message('last ones run'), icon: IconLoader2 },
  done: { tone: 'ok', word: message('done'), icon: IconCircleCheck },
  cancelled: JOB_STATES.cancelled,
  stopped: { tone: 'failed', word: message('stopped'), icon: IconHandStop },
};

const REDRIVE_ITEMS: Record<RedriveItem['state'], Look> = {
  waiting: JOB_STATES.waiting,
  skipped: { tone: 'quiet', word: message('skipped'), icon: IconBan },
  redriven: JOB_STATES.running,
  succeeded: { tone: 'ok', word: message('succeeded'), icon: IconCircleCheck },
  failed: { tone: 'dead', word: message('dead letter again'), icon: IconSkull },
};

function Sign({ look, word }: { look: Look; /** Said already. */ word?: string | undefined }): ReactElement {
  const Icon = look.icon;
  return (
    <span className={`status tone-${look.tone}`}>
      <Icon size={14} stroke={2} />
      <span>{word ?? t(look.word)}</span>
    </span>
  );
}

const GUARANTEES: Record<GuaranteeRow['verdict'], Look> = {
  holds: { tone: 'ok', word: message('holds'), icon: IconCircleCheck },
  weak: { tone: 'retrying', word: message('weak'), icon: IconAlertTriangle },
  broken: { tone: 'failed', word: message('broken'), icon: IconX },
  unknown: { tone: 'unknown', word: message('unknown'), icon: IconHelpCircle },
};
/** Does a guarantee hold? */
export function GuaranteeSign({ verdict }: { verdict: GuaranteeRow['verdict'] }): ReactElement {
  return <Sign look={GUARANTEES[verdict]} />;
}
/** State of a job. */
export function JobStateSign({ state }: { state: JobState }): ReactElement {
  return <Sign look={JOB_STATES[state]} />;
}
/** The same in a word. */
export function jobStateWord(state: JobState): string {
  const { word } = JOB_STATES[state];
  return t(word);
}
/** Outcome of an attempt. */
export function AttemptSign({ outcome }: { outcome: keyof typeof ATTEMPTS }): ReactElement {
  return <Sign look={ATTEMPTS[outcome]} />;
}
/** Is a tier's promise kept? */
export function VerdictSign({ verdict }: { verdict: TierSummary['verdict'] }): ReactElement {
  return <Sign look={VERDICTS[verdict]} />;
}
/** The same in a word. */
export function verdictWord(verdict: TierSummary['verdict']): string {
  const { word } = VERDICTS[verdict];
  return t(word);
}
/** Health of a part of the site. */
export function HealthSign({ health }: { health: Health }): ReactElement {
  return <Sign look={HEALTHS[health]} />;
}
/** Decision about a dead letter. */
export function DeadLetterSign({ status }: { status: 'waiting' | 'redriven' | 'discarded' }): ReactElement {
  return status === 'waiting' ? <Sign look={JOB_STATES.dead} word={t('waiting for you')} /> : <Sign look={JOB_STATES[status]} />;
}
/** A trace as a whole. */
export function TraceSign({ open, dead }: { open: number; dead: number }): ReactElement {
  if (dead > 0) return <Sign look={JOB_STATES.dead} word={t('{n, plural, one {# dead letter} other {# dead letters}}', { n: dead })} />;
  if (open > 0) return <Sign look={JOB_STATES.running} word={t('{n} open', { n: open })} />;
  return <Sign look={JOB_STATES.completed} word={t('done')} />;
}
/** How a failure family goes. */
export function TrendSign({ trend }: { trend: FailureFamilyRow['trend'] }): ReactElement {
  return <Sign look={TRENDS[trend]} />;
}
/** The same in a word. */
export function trendWord(trend: FailureFamilyRow['trend']): string {
  const { word } = TRENDS[trend];
  return t(word);
}
/** What a person said of a failure family, and whether it holds. */
export function MarkSign({ mark }: { mark: NonNullable<FailureFamilyRow['mark']> }): ReactElement {
  const version = mark.version ?? '';
  switch (mark.state) {
    case 'came-back':
      return <Sign look={ATTEMPTS.failed} word={t('came back after {version}', { version })} />;
    case 'awaits-version':
      return <Sign look={JOB_STATES.waiting} word={t('fixed by {version}, not here yet', { version })} />;
    case 'lapsed':
      return <Sign look={VERDICTS['at-risk']} word={t('no longer ignored')} />;
    default:
      return mark.kind === 'fixed' ? <Sign look={VERDICTS.kept} word={t('fixed by {version}', { version })} /> : <Sign look={JOB_STATES.cancelled} word={t('ignored')} />;
  }
}
/** State of a redrive. */
export function RedriveSign({ state }: { state: RedriveRow['state'] }): ReactElement {
  return <Sign look={REDRIVES[state]} />;
}
/** State of a dead letter within a redrive. */
export function RedriveItemSign({ state }: { state: RedriveItem['state'] }): ReactElement {
  return <Sign look={REDRIVE_ITEMS[state]} />;
}
const STEPS: Record<StepVerdict, Look> = {
  happened: { tone: 'ok', word: message('happened'), icon: IconCircleCheck },
  'under-way': { tone: 'running', word: message('under way'), icon: IconPlayerPlay },
  waiting: { tone: 'waiting', word: message('waits'), icon: IconClock },
  dead: { tone: 'dead', word: message('dead letter'), icon: IconSkull },
  decided: { tone: 'quiet', word: message('decided'), icon: IconMinus },
  missing: { tone: 'failed', word: message('missing'), icon: IconX },
  'set-aside': { tone: 'retrying', word: message('set aside'), icon: IconInbox },
  'not-owed': { tone: 'quiet', word: message('not owed'), icon: IconCircleDashed },
  'not-routed': { tone: 'waiting', word: message('not routed'), icon: IconClock },
  unknown: { tone: 'unknown', word: message('unknown'), icon: IconHelpCircle },
};
/** Verdict of a step of "why did this not happen?". */
export function StepSign({ verdict }: { verdict: StepVerdict }): ReactElement {
  return <Sign look={STEPS[verdict]} />;
}
/** A message that was set aside. */
export function SetAsideSign(): ReactElement {
  return <Sign look={STEPS['set-aside']} />;
}
/** A paused queue. */
export function PausedSign(): ReactElement {
  return <Sign look={{ tone: 'retrying', word: message('paused'), icon: IconPlayerPause }} />;
}
/** An event type that the catalogue doesn't know. */
export function UncataloguedSign(): ReactElement {
  return <Sign look={{ tone: 'unknown', word: message('uncatalogued'), icon: IconCircleDashed }} />;
}

const ALERTS: Record<'warning' | 'error', Look> = {
  warning: { tone: 'retrying', word: message('warning'), icon: IconAlertTriangle },
  error: { tone: 'failed', word: message('alert'), icon: IconX },
};
/** How bad an alert is. */
export function AlertSign({ severity }: { severity: keyof typeof ALERTS }): ReactElement {
  return <Sign look={ALERTS[severity]} />;
}
const SWITCHED: Record<'on' | 'off', Look> = { on: { tone: 'ok', word: message('on'), icon: IconCircleCheck }, off: { tone: 'quiet', word: message('off'), icon: IconMinus } };
/** Is it switched on? */
export function OnSign({ on }: { on: boolean }): ReactElement {
  return <Sign look={SWITCHED[on ? 'on' : 'off']} />;
}
