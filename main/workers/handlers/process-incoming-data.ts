/** ProcessIncomingDataJob: maps a raw record to entities and hands each to WriteEntityJob. */
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import { mapRecord } from '../../connectors/entity-mapping.ts';
import type { Handler } from '../handler.ts';
import { connectorOf, type HandlerSettings } from './handler-settings.ts';

export function processIncomingData(settings: HandlerSettings): Handler<InputOf<'ProcessIncomingDataJob'>> {
  return async (attempt) => {
    const { connectorId, record } = attempt.input;
    const entities = await mapRecord(connectorOf(settings, connectorId), record);
    for (const entity of entities) {
      attempt.handOn('WriteEntityJob', { ...entity, connectorId }, `${entity.entityType}:${entity.entityId}`);
    }
  };
}
