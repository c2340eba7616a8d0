/** The operator API: the contract of shared/, answered by the services. The one way to see and steer a site. */
import { implement, ORPCError } from '@orpc/server';
import { operatorApi } from '../../shared/operator-api/index.ts';
import { ConfigError, ConflictError, ForbiddenError, NotFoundError, SpineError, UnavailableError } from '../../shared/errors.ts';
import { listAlerts } from '../alerts/alert-store.ts';
import { acknowledge, changeRule, rulesAndChannels, testChannel } from '../alerts/alert-steering.ts';
import { backupList } from './backup-answers.ts';
import { catalogueEvents, catalogueJobs } from './catalogue-answers.ts';
import { catalogueUsage, driftExamples, exportCatalogue, typeSources } from './catalogue-usage.ts';
import { exportDeadLetters } from '../dead-letters/export.ts';
import { getFamily, listFamilies } from '../dead-letters/families.ts';
import { previewRedrive } from '../redrives/preview.ts';
import { getRedrive, listRedriveItems, listRedrives } from '../redrives/redrive-queries.ts';
import { getDeadLetter, listDeadLetters } from './dead-letter-queries.ts';
import { cancelRedrive, discard, discardMany, mark, redrive, startRedrive, undoDiscard } from './dead-letter-steering.ts';
import { pause, publish, requestJob, resume, setDemo } from './steering.ts';
import { cancelJob, moveJobToFront, retryJobNow, setConcurrency } from './job-steering.ts';
import { guarded } from './guard.ts';
import { getSetAside, listSetAside } from './set-aside-queries.ts';
import { cancelReplay, replayDetail, startDryRun, startReplay } from '../replays/replay-steering.ts';
import { listReplays } from '../replays/replay-store.ts';
import { listSchedules, previewRule, scheduleHistory } from '../schedules/schedule-queries.ts';
import { changeSchedule, createSchedule, pauseSchedule, removeSchedule, resumeSchedule, runScheduleNow } from '../schedules/schedule-steering.ts';
import { changeSettings } from '../settings/settings-steering.ts';
import type { RequestContext } from './services.ts';
import { listChannels } from '../channels/channel-answers.ts';
import { sendTestMessage } from '../channels/send-test-message.ts';
import { testConnector } from '../connectors/test-connector.ts';
import { compareVersions, entityVersions } from '../entities/entity-answers.ts';
import { dryRun } from '../rules/dry-run.ts';
import { listRules } from '../rules/rule-answers.ts';
import { versionsOf } from '../rules/rule-records.ts';
import { changeRule as changeStoredRule, createRule, removeRule, setRuleOn } from '../rules/rule-steering.ts';
import { changeRetention } from '../streams/retention-steering.ts';
import { consumersOf, getMessage, listMessages, listStreams, previewRetention } from '../streams/stream-answers.ts';
import { searchTraces, traceOf, watchTrace } from './trace-views.ts';
import { eventDetail, jobDetail, queueStatus, tierHistogram, tierLatency, watchSite } from './views.ts';
import { owedBy, whyNot } from './why-not-answers.ts';
import { searchDocuments } from '../workers/handlers/document-index.ts';

const os = implement(operatorApi).$context<RequestContext>().use(async ({ context, path, next }, input) => {
  try {
    const { role = 'admin', services } = context;
    return await guarded({ path, input, role, maskedFields: services.config.access.maskedFields }, next);
  } catch (error) {
    throw toApiError(error);
  }
});

/** Our errors keep their words and their code on the way to a client; anything else is a fault of ours and says so. */
function toApiError(error: unknown): unknown {
  if (!(error instanceof SpineError)) return error;
  const code =
    error instanceof NotFoundError ? 'NOT_FOUND' : error instanceof ConflictError ? 'CONFLICT' : error instanceof ConfigError ? 'BAD_REQUEST' : error instanceof ForbiddenError ? 'FORBIDDEN' : error instanceof UnavailableError ? 'SERVICE_UNAVAILABLE' : 'INTERNAL_SERVER_ERROR';
  return new ORPCError(code, { message: error.message, data: { code: error.code, ...(error.words === null ? {} : { words: error.words }) }, cause: error });
}

/** What fails while a stream runs keeps its words, too. */
async function* failingClearly<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item, void> {
  try {
    yield* source;
  } catch (error) {
    throw toApiError(error);
  }
}

/** A stream without a signal (a caller inside this process) is never aborted. */
const never = new AbortController().signal;

export const router = os.router({
  site: {
    status: os.site.status.handler(({ context }) => context.services.monitor.status()),
    rates: os.site.rates.handler(async ({ context, input }) => {
      const bucketMs = Math.max(5_000, Math.ceil(input.rangeMs / 180 / 5_000) * 5_000);
      return { bucketMs, buckets: await context.services.projection.read.rates(Date.now() - input.rangeMs, bucketMs) };
    }),
    watch: os.site.watch.handler(({ context, input, signal = never }) => context.credits.metered(input.stream, input.window, watchSite(context.services, signal), signal)),
  },
  guarantees: { check: os.guarantees.check.handler(({ context }) => context.services.guarantees.check()) },
  flow: {
    tail: os.flow.tail.handler(({ context, input, signal = never }) => context.credits.metered(input.stream, input.window, context.services.live.watch(input.filter, signal), signal)),
    list: os.flow.list.handler(async ({ context, input, signal }) => {
      const from = performance.now();
      const { lastSeq, readSeq } = context.services.projection;
      const { rows, nextBefore, complete, upTo } = await context.services.projection.searchEvents(input.filter, input.beforeSeq ?? null, input.limit, signal);
      return { events: rows, more: nextBefore !== null, nextBefore, complete, textUpToSeq: upTo, textBehind: upTo === null ? 0 : Math.max(0, lastSeq - upTo), viewUpToSeq: lastSeq, viewBehind: Math.max(0, readSeq - lastSeq), tookMs: performance.now() - from };
    }),
    event: os.flow.event.handler(({ context, input }) => eventDetail(context.services, input.eventId)),
    map: os.flow.map.handler(async ({ context, input }) => ({ ...(await context.services.projection.read.flowMap(input.maxEvents)), measuredMs: Date.now() })),
    sources: os.flow.sources.handler(({ context }) => context.services.projection.read.names()),
  },
  tiers: {
    series: os.tiers.series.handler(({ context, input }) => tierLatency(context.services, input.tier, input.rangeMs)),
    histogram: os.tiers.histogram.handler(({ context, input }) => tierHistogram(context.services, input.tier, input.rangeMs)),
    setConcurrency: os.tiers.setConcurrency.handler(({ context, input }) => setConcurrency(context, input)),
    queues: os.tiers.queues.handler(({ context }) => queueStatus(context.services)),
    pause: os.tiers.pause.handler(({ context, input }) => pause(context, input.queue, input.reason)),
    resume: os.tiers.resume.handler(({ context, input }) => resume(context, input.queue)),
  },
  traces: {
    recent: os.traces.recent.handler(async ({ context, input }) => {
      const traces = await context.services.projection.read.recentTraces(input.show, input.beforeMs ?? null, input.limit + 1);
      return { traces: traces.slice(0, input.limit), more: traces.length > input.limit };
    }),
    search: os.traces.search.handler(({ context, input, signal }) => searchTraces(context.services, input, signal)),
    get: os.traces.get.handler(({ context, input }) => traceOf(context.services, input.correlationId)),
    watch: os.traces.watch.handler(({ context, input, signal = never }) => context.credits.metered(input.stream, input.window, watchTrace(context.services, input.correlationId, signal), signal)),
    whyNot: os.traces.whyNot.handler(({ context, input }) => whyNot(context.services, input.correlationId, input.expected)),
    owed: os.traces.owed.handler(({ context, input }) => owedBy(context.services, input.eventId)),
    job: os.traces.job.handler(({ context, input }) => jobDetail(context.services, input.jobId)),
  },
  jobs: {
    list: os.jobs.list.handler(async ({ context, input: { limit, beforeLedgerId, ...filter }, signal }) => {
      const from = performance.now();
      const { rows, nextBefore, complete } = await context.services.projection.searchJobs(filter, beforeLedgerId ?? null, limit, signal);
      return { jobs: rows, more: nextBefore !== null, nextBefore, complete, tookMs: performance.now() - from };
    }),
    cancel: os.jobs.cancel.handler(({ context, input }) => cancelJob(context, input)),
    retryNow: os.jobs.retryNow.handler(({ context, input }) => retryJobNow(context, input.jobId)),
    moveToFront: os.jobs.moveToFront.handler(({ context, input }) => moveJobToFront(context, input.jobId)),
  },
  deadLetters: {
    list: os.deadLetters.list.handler(({ context, input }) => listDeadLetters(context.services.database.intake, input)),
    get: os.deadLetters.get.handler(({ context, input }) => getDeadLetter(context.services, input.deadLetterId)),
    redrive: os.deadLetters.redrive.handler(({ context, input }) => redrive(context, input)),
    discard: os.deadLetters.discard.handler(({ context, input }) => discard(context, input)),
    families: os.deadLetters.families.handler(({ context, input }) => listFamilies(context.services.database.intake, context.services.version, input)),
    family: os.deadLetters.family.handler(({ context, input }) => getFamily(context.services.database.intake, context.services.version, input.family)),
    mark: os.deadLetters.mark.handler(({ context, input }) => mark(context, input)),
    discardMany: os.deadLetters.discardMany.handler(({ context, input }) => discardMany(context, input)),
    undoDiscard: os.deadLetters.undoDiscard.handler(({ context, input }) => undoDiscard(context, input)),
    export: os.deadLetters.export.handler(({ context, input, signal = never }) =>
      context.credits.metered(input.stream, input.window, exportDeadLetters(context.services.database.intake, input.status, input.filter, signal), signal),
    ),
  },
  redrives: {
    preview: os.redrives.preview.handler(({ context, input }) => previewRedrive(context.services.database.intake, context.services.jobs, input)),
    start: os.redrives.start.handler(({ context, input }) => startRedrive(context, input)),
    list: os.redrives.list.handler(({ context, input }) => listRedrives(context.services.database.intake, input)),
    get: os.redrives.get.handler(({ context, input }) => getRedrive(context.services.database.intake, input.redriveId)),
    items: os.redrives.items.handler(({ context, input }) => listRedriveItems(context.services.database.intake, input)),
    cancel: os.redrives.cancel.handler(({ context, input }) => cancelRedrive(context, input)),
  },
  setAside: {
    drift: os.setAside.drift.handler(({ context, input }) => driftExamples(context.services, input.type)),
    list: os.setAside.list.handler(({ context, input }) => listSetAside(context.services.database.intake, input)),
    get: os.setAside.get.handler(({ context, input }) => getSetAside(context.services.database.intake, input.id)),
  },
  catalogue: {
    events: os.catalogue.events.handler(({ context }) => catalogueEvents(context.services)),
    jobs: os.catalogue.jobs.handler(({ context }) => catalogueJobs(context.services)),
    usage: os.catalogue.usage.handler(({ context }) => catalogueUsage(context.services)),
    sources: os.catalogue.sources.handler(({ context, input }) => typeSources(context.services, input.type)),
    export: os.catalogue.export.handler(({ context, input }) => exportCatalogue(context.services, input.format)),
  },
  events: {
    publish: os.events.publish.handler(({ context, input }) => publish(context, input)),
    requestJob: os.events.requestJob.handler(({ context, input }) => requestJob(context, input)),
  },
  demo: {
    start: os.demo.start.handler(({ context }) => setDemo(context, true)),
    stop: os.demo.stop.handler(({ context }) => setDemo(context, false)),
  },
  connectors: {
    list: os.connectors.list.handler(({ context }) => context.services.connectors.list()),
    test: os.connectors.test.handler(({ context, input, signal = never }) => testConnector(context.services, input.connectorId, signal)),
  },
  channels: {
    list: os.channels.list.handler(({ context }) => listChannels(context.services)),
    test: os.channels.test.handler(({ context, input, signal = never }) => sendTestMessage(context, input, signal)),
  },
  plugins: { list: os.plugins.list.handler(({ context }) => context.services.plugins.list()) },
  entities: {
    versions: os.entities.versions.handler(({ context, input }) => entityVersions(context.services, input)),
    compare: os.entities.compare.handler(({ context, input }) => compareVersions(context.services, input)),
  },
  documents: {
    search: os.documents.search.handler(async ({ context, input, signal }) => {
      const from = performance.now();
      const found = await searchDocuments(context.services.database.intake, input, signal);
      return { ...found, tookMs: performance.now() - from };
    }),
  },
  rules: {
    list: os.rules.list.handler(({ context }) => listRules(context.services)),
    versions: os.rules.versions.handler(async ({ context, input }) => ({ versions: await versionsOf(context.services.database.intake, input.id) })),
    create: os.rules.create.handler(({ context, input }) => createRule(context, input)),
    change: os.rules.change.handler(({ context, input }) => changeStoredRule(context, input)),
    remove: os.rules.remove.handler(({ context, input }) => removeRule(context, input)),
    switch: os.rules.switch.handler(({ context, input }) => setRuleOn(context, input)),
    dryRun: os.rules.dryRun.handler(({ context, input, signal = never }) => context.credits.metered(input.stream, input.window, failingClearly(dryRun(context.services, input, signal)), signal)),
  },
  schedules: {
    list: os.schedules.list.handler(({ context }) => listSchedules(context.services)),
    history: os.schedules.history.handler(({ context, input }) => scheduleHistory(context.services, input)),
    preview: os.schedules.preview.handler(({ input }) => previewRule(input, Date.now())),
    create: os.schedules.create.handler(({ context, input }) => createSchedule(context, input)),
    change: os.schedules.change.handler(({ context, input }) => changeSchedule(context, input)),
    remove: os.schedules.remove.handler(({ context, input }) => removeSchedule(context, input)),
    pause: os.schedules.pause.handler(({ context, input }) => pauseSchedule(context, input)),
    resume: os.schedules.resume.handler(({ context, input }) => resumeSchedule(context, input)),
    runNow: os.schedules.runNow.handler(({ context, input }) => runScheduleNow(context, input)),
  },
  replays: {
    list: os.replays.list.handler(async ({ context, input }) => ({ replays: await listReplays(context.services.database.intake, input.limit) })),
    get: os.replays.get.handler(({ context, input }) => replayDetail(context.services, input.replayId)),
    dryRun: os.replays.dryRun.handler(({ context, input }) => startDryRun(context, input)),
    run: os.replays.run.handler(({ context, input }) => startReplay(context, input)),
    cancel: os.replays.cancel.handler(({ context, input }) => cancelReplay(context, input)),
  },
  backups: {
    list: os.backups.list.handler(({ context }) => backupList(context.services)),
    make: os.backups.make.handler(({ context, input }) => requestJob(context, { jobType: 'BackupSiteJob', input: {}, reason: input.reason })),
  },
  alerts: {
    list: os.alerts.list.handler(({ context, input }) => listAlerts(context.services.database.intake, input)),
    rules: os.alerts.rules.handler(({ context }) => rulesAndChannels(context.services)),
    changeRule: os.alerts.changeRule.handler(({ context, input }) => changeRule(context, input)),
    acknowledge: os.alerts.acknowledge.handler(({ context, input }) => acknowledge(context, input.id)),
    test: os.alerts.test.handler(({ context, input }) => testChannel(context, input)),
  },
  settings: {
    get: os.settings.get.handler(({ context }) => context.services.settings.read()),
    change: os.settings.change.handler(({ context, input }) => changeSettings(context, input)),
  },
  access: {
    whoAmI: os.access.whoAmI.handler(({ context: { operator, role = 'admin', byToken = false, services } }) => ({ operator, role, byToken, maskedFields: role === 'viewer' ? services.config.access.maskedFields : [] })),
  },
  audit: {
    list: os.audit.list.handler(async ({ context, input: { operator, beforeSeq, limit } }) => {
      const rows = await context.services.projection.read.audit(operator ?? null, beforeSeq ?? null, limit + 1);
      return { rows: rows.slice(0, limit), more: rows.length > limit };
    }),
  },
  busStreams: {
    list: os.busStreams.list.handler(({ context }) => listStreams(context.services)),
    consumers: os.busStreams.consumers.handler(({ context, input }) => consumersOf(context.services, input.stream)),
    previewRetention: os.busStreams.previewRetention.handler(({ context, input }) => previewRetention(context.services, input.stream, input.retention)),
    changeRetention: os.busStreams.changeRetention.handler(({ context, input }) => changeRetention(context, input)),
  },
  streamMessages: {
    list: os.streamMessages.list.handler(({ context, input }) => listMessages(context.services, input)),
    get: os.streamMessages.get.handler(({ context, input }) => getMessage(context.services, input.stream, input.seq)),
  },
  streams: { grant: os.streams.grant.handler(({ context, input }) => ({ open: context.credits.grant(input.stream, input.credit) })) },
});
