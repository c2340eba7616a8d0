/** IndexDocumentJob: writes an entity to the full-text index, if it is newer than what is there. */
import type { InputOf } from '../../../shared/job-catalogue/index.ts';
import type { Handler } from '../handler.ts';
import { documentOf, putDocument } from './document-index.ts';

export function indexDocument(): Handler<InputOf<'IndexDocumentJob'>> {
  return async (attempt) => {
    const { entityType, entityId, version } = attempt.input;
    const document = documentOf(attempt.input);
    attempt.atFinish((tx) => putDocument(tx, { entityType, entityId, version, correlationId: attempt.job.correlationId, ...document }));
  };
}
