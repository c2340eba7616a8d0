/** What the URL may hold on each page. Unknown or odd values are dropped, so that a mangled link still opens the page. */

import { ALERT_KINDS, type AlertKind } from '../../shared/alert-rule.ts';
import { SETTING_GROUPS, type SettingGroup } from '../../shared/site-settings.ts';

type Search = Record<string, unknown>;

const text = (search: Search, name: string, longest = 200): string | undefined => {
  const value = search[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value.slice(0, longest) : undefined;
};

function oneOf<const Choice extends string>(search: Search, name: string, choices: readonly Choice[]): Choice | undefined {
  const value = search[name];
  return choices.find((choice) => choice === value);
}

const positive = (search: Search, name: string): number | undefined => {
  const value = search[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
};

export interface FlowSearch {
  domain?: string | undefined;
  type?: string | undefined;
  source?: string | undefined;
  correlation?: string | undefined;
  /** Conditions on payloads, as they are written. */
  where?: string | undefined;
  /** ISO 8601. */
  since?: string | undefined;
  until?: string | undefined;
  view?: 'map' | undefined;
  /** The event whose details are open. */
  event?: string | undefined;
}
/** Flow: the filter and the open event. */
export const flowSearch = (search: Search): FlowSearch => ({
  domain: text(search, 'domain'),
  type: text(search, 'type'),
  source: text(search, 'source'),
  correlation: text(search, 'correlation'),
  where: text(search, 'where', 1_000),
  since: text(search, 'since'),
  until: text(search, 'until'),
  view: oneOf(search, 'view', ['map']),
  event: text(search, 'event'),
});

export const TRACE_SHOWS = ['all', 'open', 'failed', 'dead'] as const;
export interface TracesSearch {
  q?: string | undefined;
  show?: (typeof TRACE_SHOWS)[number] | undefined;
  order?: 'slowest' | undefined;
}
/** Traces: the search, the filter, the order. */
export const tracesSearch = (search: Search): TracesSearch => ({ q: text(search, 'q', 1_000), show: oneOf(search, 'show', TRACE_SHOWS), order: oneOf(search, 'order', ['slowest']) });

export interface TraceSearch {
  /** `event:<id>` or `job:<id>`: the node whose details are open. */
  node?: string | undefined;
  view?: 'graph' | undefined;
  /** What the nodes are filtered by: words, trouble only, the critical path only. */
  find?: string | undefined;
  trouble?: true | undefined;
  path?: true | undefined;
}
/** One trace: the open node, the view, the filter. */
export const traceSearch = (search: Search): TraceSearch => ({
  node: text(search, 'node'), view: oneOf(search, 'view', ['graph']), find: text(search, 'find'), trouble: search.trouble === true ? true : undefined, path: search.path === true ? true : undefined,
});

export interface CompareSearch {
  /** Correlations. */
  a?: string | undefined;
  b?: string | undefined;
  only?: 'differences' | undefined;
}
/** Compare: the two traces, and whether all of them is shown. */
export const compareSearch = (search: Search): CompareSearch => ({ a: text(search, 'a'), b: text(search, 'b'), only: oneOf(search, 'only', ['differences']) });

export const TIER_RANGES = ['15min', '1h', '6h', '24h'] as const;
export type TierRange = (typeof TIER_RANGES)[number];
export interface TiersSearch {
  range?: TierRange | undefined;
  scale?: 'linear' | 'log' | undefined;
  chart?: 'histogram' | undefined;
  /** The queue whose panel is open. */
  queue?: string | undefined;
}
/** Tiers: the time range, the scale, the open queue. */
export const tiersSearch = (search: Search): TiersSearch => ({
  range: oneOf(search, 'range', TIER_RANGES),
  scale: oneOf(search, 'scale', ['linear', 'log']),
  chart: oneOf(search, 'chart', ['histogram']),
  queue: text(search, 'queue'),
});

export const DEAD_LETTER_STATUSES = ['waiting', 'redriven', 'discarded', 'all'] as const;
export interface DeadLettersSearch {
  /** families is the default; a family or an open letter shows letters, too. */
  view?: 'letters' | undefined;
  family?: string | undefined;
  status?: (typeof DEAD_LETTER_STATUSES)[number] | undefined;
  jobType?: string | undefined;
  /** In the error. */
  text?: string | undefined;
  letter?: string | undefined;
}
/** Dead letters: the view, the filter and the open one. */
export const deadLettersSearch = (search: Search): DeadLettersSearch => ({
  view: oneOf(search, 'view', ['letters']),
  family: text(search, 'family'),
  status: oneOf(search, 'status', DEAD_LETTER_STATUSES),
  jobType: text(search, 'jobType'),
  text: text(search, 'text'),
  letter: text(search, 'letter'),
});

export interface RedrivesSearch {
  /** The redrive whose progress is open. */
  redrive?: string | undefined;
}
/** Redrives: the open one. */
export const redrivesSearch = (search: Search): RedrivesSearch => ({ redrive: text(search, 'redrive') });

export const SET_ASIDE_REASONS = ['not-json', 'bad-envelope', 'type-mismatch', 'bad-payload', 'trigger-failed', 'too-large'] as const;
export interface SetAsideSearch {
  reason?: (typeof SET_ASIDE_REASONS)[number] | undefined;
  message?: number | undefined;
}
/** Set aside: the filter and the open message. */
export const setAsideSearch = (search: Search): SetAsideSearch => ({
  reason: oneOf(search, 'reason', SET_ASIDE_REASONS),
  message: typeof search.message === 'number' ? search.message : undefined,
});

export const JOB_STATES = ['waiting', 'running', 'retrying', 'completed', 'dead', 'cancelled', 'discarded', 'redriven'] as const;
export interface JobsSearch {
  state?: (typeof JOB_STATES)[number] | undefined;
  tier?: 'realtime' | 'interactive' | 'background' | undefined;
  type?: string | undefined;
  /** Words and fields of the input. */
  q?: string | undefined;
  late?: true | undefined;
  /** The job whose details are open. */
  job?: string | undefined;
}
/** Jobs: the filter and the open job. */
export const jobsSearch = (search: Search): JobsSearch => ({
  state: oneOf(search, 'state', JOB_STATES), tier: oneOf(search, 'tier', ['realtime', 'interactive', 'background']), type: text(search, 'type'), q: text(search, 'q', 1_000), late: search.late === true ? true : undefined, job: text(search, 'job'),
});

export interface AlertsSearch {
  /** The kind whose rule is open. */
  rule?: AlertKind | undefined;
}
/** Alerts: the open rule. */
export const alertsSearch = (search: Search): AlertsSearch => ({ rule: oneOf(search, 'rule', ALERT_KINDS) });

export interface SettingsSearch {
  /** The group whose panel is open. */
  group?: SettingGroup | undefined;
}
/** Settings: the open group. */
export const settingsSearch = (search: Search): SettingsSearch => ({ group: oneOf(search, 'group', SETTING_GROUPS) });

export interface BackupsSearch {
  /** The backup whose restoring is explained. */
  backup?: string | undefined;
}
/** Backups: the chosen one. */
export const backupsSearch = (search: Search): BackupsSearch => ({ backup: text(search, 'backup') });

export interface AuditSearch {
  /** Only what this operator did. */
  by?: string | undefined;
  /** The event whose details are open. */
  event?: string | undefined;
}
/** Audit: whose, and the open action. */
export const auditSearch = (search: Search): AuditSearch => ({ by: text(search, 'by'), event: text(search, 'event') });

export interface SchedulesSearch {
  /** The schedule whose details are open. */
  schedule?: string | undefined;
}
/** Schedules: the open one. */
export const schedulesSearch = (search: Search): SchedulesSearch => ({ schedule: text(search, 'schedule') });

export interface ReplaySearch {
  /** The replay or dry run whose details are open. */
  replay?: string | undefined;
  /** The form asks for the event of this sequence. */
  seq?: number | undefined;
}
/** Replay: the open one. */
export const replaySearch = (search: Search): ReplaySearch => ({ replay: text(search, 'replay'), seq: typeof search.seq === 'number' ? search.seq : undefined });

export const CATALOGUE_TABS = ['events', 'jobs'] as const;
export interface CatalogueSearch {
  tab?: (typeof CATALOGUE_TABS)[number] | undefined;
  /** Words that a type's name or description holds. */
  q?: string | undefined;
  /** The type whose details are open. */
  type?: string | undefined;
}
/** Catalogue: the tab, the filter and the open type. */
export const catalogueSearch = (search: Search): CatalogueSearch => ({ tab: oneOf(search, 'tab', CATALOGUE_TABS), q: text(search, 'q'), type: text(search, 'type') });

export interface DocumentsSearch {
  q?: string | undefined;
  /** The entity whose versions are open. */
  type?: string | undefined;
  id?: string | undefined;
}
/** Documents: the query. */
export const documentsSearch = (search: Search): DocumentsSearch => ({ q: text(search, 'q'), type: text(search, 'type'), id: text(search, 'id', 500) });

export const CONNECTION_TABS = ['connectors', 'channels', 'plugins'] as const;
export interface ConnectionsSearch {
  tab?: (typeof CONNECTION_TABS)[number] | undefined;
  /** The connector or channel whose details are open. */
  open?: string | undefined;
}
/** Connections: the tab and the open one. */
export const connectionsSearch = (search: Search): ConnectionsSearch => ({ tab: oneOf(search, 'tab', CONNECTION_TABS), open: text(search, 'open') });

export interface RulesSearch {
  /** The rule whose details are open. */
  rule?: string | undefined;
}
/** Rules: the open one. */
export const rulesSearch = (search: Search): RulesSearch => ({ rule: text(search, 'rule') });

export const STREAM_NAMES = ['platform-events', 'connector-data', 'audit-log'] as const;
export interface StreamsSearch {
  stream?: (typeof STREAM_NAMES)[number] | undefined;
  view?: 'consumers' | undefined;
  subject?: string | undefined;
  /** The messages begin at this sequence, or at this moment (epoch ms), and go back from there. */
  seq?: number | undefined;
  at?: number | undefined;
  /** Sequence of the message whose details are open. */
  message?: number | undefined;
  /** The stream whose retention is open. */
  retention?: (typeof STREAM_NAMES)[number] | undefined;
}
/** Streams: the stream, what of it is shown, and where in it. */
export const streamsSearch = (search: Search): StreamsSearch => ({
  stream: oneOf(search, 'stream', STREAM_NAMES), view: oneOf(search, 'view', ['consumers']), subject: text(search, 'subject'),
  seq: positive(search, 'seq'), at: positive(search, 'at'), message: positive(search, 'message'), retention: oneOf(search, 'retention', STREAM_NAMES),
});
