/** What the operator API steers and reads, and who asks. */
import type { EventCatalogue } from '../../shared/event-catalogue/index.ts';
import type { Envelope } from '../../shared/envelope.ts';
import type { Phrase } from '../../shared/i18n/translate.ts';
import type { JobCatalogue } from '../../shared/job-catalogue/index.ts';
import type { Role } from '../../shared/roles.ts';
import type { AlertWatcher } from '../alerts/alert-watcher.ts';
import type { SiteConfig } from '../config/site-config.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { PluginBook } from '../plugins/plugin-book.ts';
import type { ConnectorManager } from '../connectors/connector-manager.ts';
import type { Database } from '../database/database.ts';
import type { DemoSite } from '../demo/demo-site.ts';
import type { EventBus, PublishReceipt } from '../event-bus/event-bus.ts';
import type { GuaranteeChecker } from '../guarantees/check-guarantees.ts';
import type { JobQueue } from '../job-queue/job-queue.ts';
import type { LiveFlow } from '../projections/live-flow.ts';
import type { Projection } from '../projections/projection.ts';
import type { RedriveRunner } from '../redrives/redrive-runner.ts';
import type { ReplayRunner } from '../replays/replay-runner.ts';
import type { ScheduleTicker } from '../schedules/schedule-ticker.ts';
import type { RetentionBook } from '../streams/retention-book.ts';
import type { StreamMeter } from '../streams/stream-meter.ts';
import type { SettingsBook } from '../settings/settings-book.ts';
import type { RuleStore } from '../rules/rule-store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { CreditBook } from './credits.ts';
import type { SiteMonitor } from './site-monitor.ts';

export interface OperatorServices {
  /** Version of the site's software. */
  readonly version: string;
  readonly config: SiteConfig;
  /** The site's data folder. */
  readonly dataFolder: string;
  /** Turn a path of the configuration into an absolute one. */
  path(relative: string): string;
  /** Read a secret of the configuration. */
  readonly secret: LoadedConfig['secret'];
  readonly plugins: Pick<PluginBook, 'list'>;
  readonly domains: ReadonlySet<string>;
  readonly source: string;
  readonly bus: EventBus;
  /** How fast messages come into each stream. */
  readonly meter: Pick<StreamMeter, 'rate'>;
  /** How long each stream is to keep. */
  readonly retention: RetentionBook;
  readonly database: Database;
  readonly queue: JobQueue;
  readonly events: EventCatalogue;
  readonly jobs: JobCatalogue;
  readonly projection: Projection;
  readonly live: LiveFlow;
  readonly monitor: SiteMonitor;
  readonly settings: Pick<SettingsBook, 'read' | 'change'>;
  readonly alerts: Pick<AlertWatcher, 'look'>;
  readonly guarantees: Pick<GuaranteeChecker, 'check'>;
  /** Null on an observer. */
  readonly workers: WorkerPool | null;
  readonly connectors: ConnectorManager;
  readonly rules: Pick<RuleStore, 'all' | 'changed'>;
  readonly demo: DemoSite;
  /** Null on an observer. */
  readonly redrives: RedriveRunner | null;
  readonly schedules: Pick<ScheduleTicker, 'changed'>;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** Why routing takes no events at present; null if it does. */
  held(): { readonly why: Phrase } | null;
  readonly replays: Pick<ReplayRunner, 'run' | 'wake'>;
  /** Publish with a span and wait for the bus. */
  publish(event: Envelope): Promise<PublishReceipt>;
  /** After a commit: jobs wait in `queues`, the outbox has rows, the ledger has grown. */
  committed(queues: Iterable<string>): void;
  /** Resolves when the view changes next, or after `ms`. */
  nextChange(ms: number, signal: AbortSignal): Promise<void>;
}

export interface RequestContext {
  readonly services: OperatorServices;
  /** Who acts, for the audit. */
  readonly operator: string;
  /** What they may do; absent: all, for whoever runs the process. */
  readonly role?: Role;
  /** They came in by an access token, not as the owner of the process. */
  readonly byToken?: boolean;
  /** Credits of the streams of this connection. */
  readonly credits: CreditBook;
}
