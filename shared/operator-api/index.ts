/**
 * The operator API: the one contract by which Electron, browser and scripts see and steer a site.
 * Procedures with a route are also served as plain HTTP under /api/v1.
 */
import { accessContract } from './access-contract.ts';
import { alertsContract } from './alerts-contract.ts';
import { auditContract } from './audit-contract.ts';
import { backupsContract } from './backups-contract.ts';
import { busStreamsContract, streamMessagesContract } from './bus-streams-contract.ts';
import { catalogueContract } from './catalogue-contract.ts';
import { demoContract, documentsContract, publishContract } from './publish-contract.ts';
import { deadLettersContract, setAsideContract } from './dead-letters-contract.ts';
import { entitiesContract } from './entities-contract.ts';
import { flowContract } from './flow-contract.ts';
import { guaranteesContract } from './guarantees-contract.ts';
import { channelsContract, connectorsContract, pluginsContract } from './integrations-contract.ts';
import { jobsContract } from './jobs-contract.ts';
import { redrivesContract } from './redrives-contract.ts';
import { replaysContract } from './replays-contract.ts';
import { rulesContract } from './rules-contract.ts';
import { schedulesContract } from './schedules-contract.ts';
import { settingsContract } from './settings-contract.ts';
import { siteContract } from './site-contract.ts';
import { streamsContract } from './streams.ts';
import { tiersContract } from './tiers-contract.ts';
import { tracesContract } from './traces-contract.ts';

export * from './access-contract.ts';
export * from './alerts-contract.ts';
export * from './audit-contract.ts';
export * from './backups-contract.ts';
export * from './bus-streams-contract.ts';
export * from './catalogue-contract.ts';
export * from './dead-letters-contract.ts';
export * from './entities-contract.ts';
export * from './flow-contract.ts';
export * from './guarantees-contract.ts';
export * from './integrations-contract.ts';
export * from './jobs-contract.ts';
export * from './lineage-schemas.ts';
export * from './publish-contract.ts';
export * from './redrives-contract.ts';
export * from './replays-contract.ts';
export * from './rules-contract.ts';
export * from './schedules-contract.ts';
export * from './settings-contract.ts';
export * from './site-contract.ts';
export * from './streams.ts';
export * from './tiers-contract.ts';
export * from './traces-contract.ts';

export const operatorApi = {
  site: siteContract,
  guarantees: guaranteesContract,
  flow: flowContract,
  tiers: tiersContract,
  traces: tracesContract,
  jobs: jobsContract,
  deadLetters: deadLettersContract,
  redrives: redrivesContract,
  setAside: setAsideContract,
  catalogue: catalogueContract,
  events: publishContract,
  demo: demoContract,
  connectors: connectorsContract,
  channels: channelsContract,
  plugins: pluginsContract,
  documents: documentsContract,
  entities: entitiesContract,
  rules: rulesContract,
  schedules: schedulesContract,
  replays: replaysContract,
  backups: backupsContract,
  alerts: alertsContract,
  settings: settingsContract,
  access: accessContract,
  audit: auditContract,
  streams: streamsContract,
  busStreams: busStreamsContract,
  streamMessages: streamMessagesContract,
};
