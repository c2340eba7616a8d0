/** The built-in handlers, by job type. */
import type { BuiltInJobType, InputOf } from '../../../shared/job-catalogue/index.ts';
import type { Handler } from '../handler.ts';
import { backupSite } from './backup-site.ts';
import { executeLlmQuery } from './execute-llm-query.ts';
import type { HandlerSettings } from './handler-settings.ts';
import { indexDocument } from './index-document.ts';
import { placeCall } from './place-call.ts';
import { processIncomingData } from './process-incoming-data.ts';
import { runRuleEngine } from './run-rule-engine.ts';
import { sendFax } from './send-fax.ts';
import { sendOutgoingMessage } from './send-outgoing-message.ts';
import { syncConnectorData } from './sync-connector-data.ts';
import { writeEntity } from './write-entity.ts';

export type { HandlerSettings } from './handler-settings.ts';
export { searchDocuments } from './document-index.ts';

/** All handlers. They read `settings.config` when they run, so it may be a getter over a configuration that changes. */
export function builtInHandlers(settings: HandlerSettings): Map<string, Handler> {
  const handlers: { [Type in BuiltInJobType]: Handler<InputOf<Type>> } = {
    ProcessIncomingDataJob: processIncomingData(settings),
    SyncConnectorDataJob: syncConnectorData(settings),
    IndexDocumentJob: indexDocument(),
    RunRuleEngineJob: runRuleEngine(settings),
    SendOutgoingMessageJob: sendOutgoingMessage(settings),
    PlaceCallJob: placeCall(settings),
    SendFaxJob: sendFax(settings),
    ExecuteLLMQueryJob: executeLlmQuery(settings),
    WriteEntityJob: writeEntity(),
    BackupSiteJob: backupSite(settings),
  };
  // The pipeline checks the input against the job type's schema before it calls the handler.
  return new Map(Object.entries(handlers) as [string, Handler][]);
}
