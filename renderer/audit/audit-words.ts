/** What an audit event says, as a sentence without its subject: "ran 42 dead letters again". */
import { t } from '../../shared/i18n/translate.ts';
import type { AuditRow } from '../../shared/operator-api/index.ts';

type Data = AuditRow['data'];
const text = (data: Data, name: string): string => (typeof data[name] === 'string' ? data[name] : '');
const number = (data: Data, name: string): number => (typeof data[name] === 'number' ? data[name] : 0);

const WORDS: Readonly<Record<string, (data: Data) => string>> = {
  'system.JobRequested': (data) => t('asked for a {jobType}', { jobType: text(data, 'jobType') }),
  'system.JobCancelled': (data) => t('cancelled a {jobType}', { jobType: text(data, 'jobType') }),
  'system.JobHastened': (data) => t('had a {jobType} tried again at once', { jobType: text(data, 'jobType') }),
  'system.JobMovedToFront': (data) => t('moved a {jobType} to the front', { jobType: text(data, 'jobType') }),
  'system.DeadLetterRedriven': (data) => t('ran a dead {jobType} again', { jobType: text(data, 'jobType') }),
  'system.DeadLetterDiscarded': (data) => t('discarded a dead {jobType}', { jobType: text(data, 'jobType') }),
  'system.RedriveRequested': (data) =>
    t('ran {n, plural, one {# dead letter} other {# dead letters}} again{unsafe, select, yes {, unsafe ones too} other {}}{edited, select, yes {, edited} other {}}', {
      n: number(data, 'jobs'), unsafe: data.repeatUnsafe === true ? 'yes' : 'no', edited: data.edited === true ? 'yes' : 'no',
    }),
  'system.RedriveCancelled': () => t('stopped a redrive'),
  'system.DeadLettersDiscarded': () => t('discarded dead letters'),
  'system.DiscardUndone': () => t('undid a discard'),
  'system.FamilyMarked': (data) =>
    t('{kind, select, fixed {said that a failure family is fixed} ignored {ignored a failure family} none {took the mark off a failure family} other {marked a failure family}}', {
      kind: String((data.mark as { kind?: unknown } | undefined)?.kind),
    }),
  'system.QueuePaused': (data) => t('paused the queue {queue}', { queue: text(data, 'queue') }),
  'system.QueueResumed': (data) => t('let the queue {queue} go on', { queue: text(data, 'queue') }),
  'system.QueueConcurrencyChanged': (data) => t('changed how many jobs of {queue} run at once', { queue: text(data, 'queue') }),
  'system.AlertRuleChanged': (data) => t('changed what alerts are raised for: {kind}', { kind: text(data, 'kind') }),
  'system.AlertAcknowledged': (data) => t('looks after an alert: {kind}', { kind: text(data, 'kind') }),
  'system.SettingsChanged': (data) => t('changed settings: {paths}', { paths: (Array.isArray(data.changes) ? data.changes : []).map((change: { path?: unknown }) => String(change.path)).join(', ') }),
  'system.DemoStarted': () => t('started demo traffic'),
  'system.DemoStopped': () => t('stopped demo traffic'),
  'system.ScheduleCreated': (data) => t('made the schedule {schedule}', { schedule: text(data, 'schedule') }),
  'system.ScheduleChanged': (data) => t('changed the schedule {schedule}', { schedule: text(data, 'schedule') }),
  'system.ScheduleRemoved': (data) => t('removed the schedule {schedule}', { schedule: text(data, 'schedule') }),
  'system.SchedulePaused': (data) => t('paused the schedule {schedule}', { schedule: text(data, 'schedule') }),
  'system.ScheduleResumed': (data) => t('let the schedule {schedule} go on', { schedule: text(data, 'schedule') }),
  'system.ScheduleRunRequested': (data) => t('ran the schedule {schedule} by hand', { schedule: text(data, 'schedule') }),
  'system.ReplayStarted': (data) => t('replayed events{mode, select, force { by force} other {}}', { mode: text(data, 'mode') }),
  'system.ChannelTested': (data) => t('sent a test by {channel}', { channel: text(data, 'channel') }),
  'system.RuleCreated': (data) => t('made the rule {rule}', { rule: text(data, 'rule') }),
  'system.RuleChanged': (data) => t('changed the rule {rule}', { rule: text(data, 'rule') }),
  'system.RuleRemoved': (data) => t('removed the rule {rule}', { rule: text(data, 'rule') }),
  'system.RuleSwitched': (data) => (data.on === true ? t('switched the rule {rule} on', { rule: text(data, 'rule') }) : t('switched the rule {rule} off', { rule: text(data, 'rule') })),
  'system.StreamRetentionChanged': (data) => t('changed how long {stream} keeps', { stream: text(data, 'stream') }),
  'system.ReplayCancelled': () => t('stopped a replay'),
};

/** An action that this list does not know is named by its type. */
export function auditWords({ eventType, data }: Pick<AuditRow, 'eventType' | 'data'>): string {
  return WORDS[eventType]?.(data) ?? eventType;
}
