/** GET /api/dead-letters.ndjson: dead letters as a download, as fast as the reader reads. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { describeIssues } from '../../shared/event-catalogue/index.ts';
import { ConfigError } from '../../shared/errors.ts';
import { DeadLetterFilter } from '../../shared/operator-api/index.ts';
import { SECURITY_HEADERS } from '../../shared/page-headers.ts';
import type { Database } from '../database/database.ts';
import { exportDeadLetters } from '../dead-letters/export.ts';

const Query = DeadLetterFilter.extend({ status: z.enum(['waiting', 'redriven', 'discarded', 'all']).default('waiting') });

/** @throws ConfigError naming the query parameter that is wrong. */
export async function downloadDeadLetters(request: IncomingMessage, response: ServerResponse, { intake }: Pick<Database, 'intake'>): Promise<void> {
  const query = Query.safeParse(Object.fromEntries(new URL(request.url ?? '/', 'http://localhost').searchParams));
  if (!query.success) throw new ConfigError('query', describeIssues(query.error), 'status, family, jobType, text, diedFromMs, diedToMs');
  const { status, ...filter } = query.data;
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  response.writeHead(200, { ...SECURITY_HEADERS, 'content-type': 'application/x-ndjson', 'cache-control': 'no-store', 'content-disposition': 'attachment; filename="dead-letters.ndjson"' });
  for await (const { ndjson } of exportDeadLetters(intake, status, filter, gone.signal)) {
    if (!response.write(ndjson)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}
