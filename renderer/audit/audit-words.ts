/** What an audit event says, as a sentence without its subject: "ran 42 dead letters again". */
import type { AuditRow } from '../../shared/operator-api/index.ts';
import { countOf } from '../kit/format.ts';

type Data = AuditRow['data'];
const text = (data: Data, name: string): string => (typeof data[name] === 'string' ? data[name] : '');
const number = (data: Data, name: string): number => (typeof data[name] === 'number' ? data[name] : 0);

const WORDS: Readonly<Record<string, (data: Data) => string>> = {
  'system.JobRequested': (data) => `asked for a ${text(data, 'jobType')}`,
  'system.DeadLetterRedriven': (data) => `ran a dead ${text(data, 'jobType')} again`,
  'system.DeadLetterDiscarded': (data) => `discarded a dead ${text(data, 'jobType')}`,
  'system.RedriveRequested': (data) => `ran ${countOf(number(data, 'jobs'), 'dead letter')} again${data.repeatUnsafe === true ? ', unsafe ones too' : ''}${data.edited === true ? ', edited' : ''}`,
  'system.RedriveCancelled': () => 'stopped a redrive',
  'system.DeadLettersDiscarded': () => 'discarded dead letters',
  'system.DiscardUndone': () => 'undid a discard',
  'system.FamilyMarked': (data) => ({ fixed: 'said that a failure family is fixed', ignored: 'ignored a failure family', none: 'took the mark off a failure family' })[String((data.mark as { kind?: unknown } | undefined)?.kind)] ?? 'marked a failure family',
  'system.QueuePaused': (data) => `paused the queue ${text(data, 'queue')}`,
  'system.QueueResumed': (data) => `let the queue ${text(data, 'queue')} go on`,
  'system.DemoStarted': () => 'started demo traffic',
  'system.DemoStopped': () => 'stopped demo traffic',
  'system.ScheduleCreated': (data) => `made the schedule ${text(data, 'schedule')}`,
  'system.ScheduleChanged': (data) => `changed the schedule ${text(data, 'schedule')}`,
  'system.ScheduleRemoved': (data) => `removed the schedule ${text(data, 'schedule')}`,
  'system.SchedulePaused': (data) => `paused the schedule ${text(data, 'schedule')}`,
  'system.ScheduleResumed': (data) => `let the schedule ${text(data, 'schedule')} go on`,
  'system.ScheduleRunRequested': (data) => `ran the schedule ${text(data, 'schedule')} by hand`,
  'system.ReplayStarted': (data) => `replayed events${text(data, 'mode') === 'force' ? ' by force' : ''}`,
  'system.ReplayCancelled': () => 'stopped a replay',
  'system.RuleCreated': (data) => `made the rule ${text(data, 'rule')}`,
  'system.RuleChanged': (data) => `changed the rule ${text(data, 'rule')}`,
  'system.RuleRemoved': (data) => `removed the rule ${text(data, 'rule')}`,
  'system.RuleSwitched': (data) => `switched the rule ${text(data, 'rule')} ${data.on === true ? 'on' : 'off'}`,
  'system.StreamRetentionChanged': (data) => `changed how long ${text(data, 'stream')} keeps`,
};

/** An action that this list does not know is named by its type. */
export function auditWords({ eventType, data }: Pick<AuditRow, 'eventType' | 'data'>): string {
  return WORDS[eventType]?.(data) ?? eventType;
}
