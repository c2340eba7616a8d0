/** States and verdicts: always an icon and a word, never colour alone. */
import {
  IconAlertTriangle, IconArrowUpRight, IconBan, IconCircleCheck, IconCircleDashed, IconClock, IconFlask, IconHandStop, IconHelpCircle,
  IconInbox, IconLoader2, IconMinus, IconPlayerPause,
  IconPlayerPlay, IconRefresh, IconRotateClockwise, IconSkull, IconTrash, IconX,
} from '@tabler/icons-react';
import type { ComponentType, ReactElement } from 'react';
import type { FailureFamilyRow, GuaranteeRow, Health, JobState, RedriveItem, RedriveRow, StepVerdict, TierSummary } from '../../shared/operator-api/index.ts';

export type Tone = 'ok' | 'waiting' | 'running' | 'retrying' | 'failed' | 'dead' | 'unknown' | 'quiet';

interface Look {
  readonly tone: Tone;
  readonly word: string;
  readonly icon: ComponentType<{ size?: number | string; stroke?: number }>;
}

const JOB_STATES: Record<JobState, Look> = {
  waiting: { tone: 'waiting', word: 'waiting', icon: IconClock },
  running: { tone: 'running', word: 'running', icon: IconPlayerPlay },
  retrying: { tone: 'retrying', word: 'retrying', icon: IconRefresh },
  completed: { tone: 'ok', word: 'completed', icon: IconCircleCheck },
  dead: { tone: 'dead', word: 'dead letter', icon: IconSkull },
  cancelled: { tone: 'quiet', word: 'cancelled', icon: IconBan },
  discarded: { tone: 'quiet', word: 'discarded', icon: IconTrash },
  redriven: { tone: 'ok', word: 'redriven', icon: IconRotateClockwise },
};

const ATTEMPTS: Record<'running' | 'completed' | 'failed' | 'dead' | 'cancelled' | 'lost', Look> = {
  running: JOB_STATES.running,
  completed: JOB_STATES.completed,
  failed: { tone: 'failed', word: 'failed', icon: IconX },
  dead: { tone: 'dead', word: 'failed, dead letter', icon: IconSkull },
  cancelled: JOB_STATES.cancelled,
  lost: { tone: 'failed', word: 'worker lost', icon: IconAlertTriangle },
};

const VERDICTS: Record<TierSummary['verdict'], Look> = {
  kept: { tone: 'ok', word: 'kept', icon: IconCircleCheck },
  'at-risk': { tone: 'retrying', word: 'at risk', icon: IconAlertTriangle },
  broken: { tone: 'failed', word: 'broken', icon: IconX },
  unknown: { tone: 'unknown', word: 'nothing to judge by', icon: IconHelpCircle },
};

const HEALTHS: Record<Health, Look> = {
  ok: { tone: 'ok', word: 'ok', icon: IconCircleCheck },
  degraded: { tone: 'retrying', word: 'degraded', icon: IconAlertTriangle },
  down: { tone: 'failed', word: 'down', icon: IconX },
  starting: { tone: 'running', word: 'starting', icon: IconLoader2 },
  unknown: { tone: 'unknown', word: 'unknown', icon: IconHelpCircle },
};

const TRENDS: Record<FailureFamilyRow['trend'], Look> = {
  growing: { tone: 'failed', word: 'growing', icon: IconArrowUpRight },
  steady: { tone: 'waiting', word: 'steady', icon: IconMinus },
  quiet: { tone: 'quiet', word: 'quiet', icon: IconCircleDashed },
};

const REDRIVES: Record<RedriveRow['state'], Look> = {
  canary: { tone: 'running', word: 'canary', icon: IconFlask },
  running: JOB_STATES.running,
  settling: { tone: 'running', word: 'last ones run', icon: IconLoader2 },
  done: { tone: 'ok', word: 'done', icon: IconCircleCheck },
  cancelled: JOB_STATES.cancelled,
  stopped: { tone: 'failed', word: 'stopped', icon: IconHandStop },
};

const REDRIVE_ITEMS: Record<RedriveItem['state'], Look> = {
  waiting: JOB_STATES.waiting,
  skipped: { tone: 'quiet', word: 'skipped', icon: IconBan },
  redriven: JOB_STATES.running,
  succeeded: { tone: 'ok', word: 'succeeded', icon: IconCircleCheck },
  failed: { tone: 'dead', word: 'dead letter again', icon: IconSkull },
};

function Sign({ look, word }: { look: Look; word?: string | undefined }): ReactElement {
  const Icon = look.icon;
  return (
    <span className={`status tone-${look.tone}`}>
      <Icon size={14} stroke={2} />
      <span>{word ?? look.word}</span>
    </span>
  );
}

const GUARANTEES: Record<GuaranteeRow['verdict'], Look> = {
  holds: { tone: 'ok', word: 'holds', icon: IconCircleCheck },
  weak: { tone: 'retrying', word: 'weak', icon: IconAlertTriangle },
  broken: { tone: 'failed', word: 'broken', icon: IconX },
  unknown: { tone: 'unknown', word: 'unknown', icon: IconHelpCircle },
};
/** Does a guarantee hold? */
export function GuaranteeSign({ verdict }: { verdict: GuaranteeRow['verdict'] }): ReactElement {
  return <Sign look={GUARANTEES[verdict]} />;
}
/** State of a job. */
export function JobStateSign({ state }: { state: JobState }): ReactElement {
  return <Sign look={JOB_STATES[state]} />;
}
/** Outcome of an attempt. */
export function AttemptSign({ outcome }: { outcome: keyof typeof ATTEMPTS }): ReactElement {
  return <Sign look={ATTEMPTS[outcome]} />;
}
/** Is a tier's promise kept? */
export function VerdictSign({ verdict }: { verdict: TierSummary['verdict'] }): ReactElement {
  return <Sign look={VERDICTS[verdict]} />;
}
/** Health of a part of the site. */
export function HealthSign({ health }: { health: Health }): ReactElement {
  return <Sign look={HEALTHS[health]} />;
}
/** Decision about a dead letter. */
export function DeadLetterSign({ status }: { status: 'waiting' | 'redriven' | 'discarded' }): ReactElement {
  return status === 'waiting' ? <Sign look={JOB_STATES.dead} word="waiting for you" /> : <Sign look={JOB_STATES[status]} />;
}
/** A trace as a whole. */
export function TraceSign({ open, dead }: { open: number; dead: number }): ReactElement {
  if (dead > 0) return <Sign look={JOB_STATES.dead} word={dead === 1 ? '1 dead letter' : `${dead} dead letters`} />;
  if (open > 0) return <Sign look={JOB_STATES.running} word={`${open} open`} />;
  return <Sign look={JOB_STATES.completed} word="done" />;
}
/** How a failure family goes. */
export function TrendSign({ trend }: { trend: FailureFamilyRow['trend'] }): ReactElement {
  return <Sign look={TRENDS[trend]} />;
}
/** What a person said of a failure family, and whether it holds. */
export function MarkSign({ mark }: { mark: NonNullable<FailureFamilyRow['mark']> }): ReactElement {
  const version = mark.version ?? '';
  switch (mark.state) {
    case 'came-back':
      return <Sign look={ATTEMPTS.failed} word={`came back after ${version}`} />;
    case 'awaits-version':
      return <Sign look={JOB_STATES.waiting} word={`fixed by ${version}, not here yet`} />;
    case 'lapsed':
      return <Sign look={VERDICTS['at-risk']} word="no longer ignored" />;
    default:
      return mark.kind === 'fixed' ? <Sign look={VERDICTS.kept} word={`fixed by ${version}`} /> : <Sign look={JOB_STATES.cancelled} word="ignored" />;
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
  happened: { tone: 'ok', word: 'happened', icon: IconCircleCheck },
  'under-way': { tone: 'running', word: 'under way', icon: IconPlayerPlay },
  waiting: { tone: 'waiting', word: 'waits', icon: IconClock },
  dead: { tone: 'dead', word: 'dead letter', icon: IconSkull },
  decided: { tone: 'quiet', word: 'decided', icon: IconMinus },
  missing: { tone: 'failed', word: 'missing', icon: IconX },
  'set-aside': { tone: 'retrying', word: 'set aside', icon: IconInbox },
  'not-owed': { tone: 'quiet', word: 'not owed', icon: IconCircleDashed },
  'not-routed': { tone: 'waiting', word: 'not routed', icon: IconClock },
  unknown: { tone: 'unknown', word: 'unknown', icon: IconHelpCircle },
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
  return <Sign look={{ tone: 'retrying', word: 'paused', icon: IconPlayerPause }} />;
}
/** An event type that the catalogue doesn't know. */
export function UncataloguedSign(): ReactElement {
  return <Sign look={{ tone: 'unknown', word: 'uncatalogued', icon: IconCircleDashed }} />;
}
