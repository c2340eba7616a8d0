/** The full-text index over entities: one document an entity, searched by the console. */
import type pg from 'pg';
import * as z from 'zod';
import { ConfigError } from '../../../shared/errors.ts';
import type { DocumentHit } from '../../../shared/operator-api/index.ts';
import { queryUntilAborted } from '../../database/cancellable.ts';
import type { Sql } from '../../database/database.ts';

export interface IndexedDocument {
  readonly entityType: string;
  readonly entityId: string;
  readonly version: number;
  readonly title: string;
  readonly body: string;
  readonly correlationId: string;
}

/** Longest body, characters: a tsvector holds at most 1 MB. */
const LONGEST_BODY = 150_000;
const LONGEST_TITLE = 500;
const TITLE_ATTRIBUTES = ['name', 'title', 'subject', 'summary'] as const;

/** An entity as a document: its title is its name, title, subject or summary, else its id; its body all texts and numbers in it. */
export function documentOf(entity: { entityType: string; entityId: string; attributes: Record<string, unknown> }): { title: string; body: string } {
  const named = TITLE_ATTRIBUTES.map((key) => entity.attributes[key]).find((value) => typeof value === 'string' && value.trim() !== '');
  const title = typeof named === 'string' ? named.trim() : entity.entityId;
  const texts: string[] = [];
  collectTexts(entity.attributes, texts);
  return { title: title.slice(0, LONGEST_TITLE).toWellFormed(), body: texts.join('\n').slice(0, LONGEST_BODY).toWellFormed() };
}

function collectTexts(value: unknown, into: string[]): void {
  if (typeof value === 'string') into.push(value);
  else if (typeof value === 'number') into.push(String(value));
  else if (value !== null && typeof value === 'object') for (const inner of Object.values(value)) collectTexts(inner, into);
}

/** Write a document unless one of the same or a newer version is there. */
export async function putDocument(tx: Sql, document: IndexedDocument): Promise<void> {
  await tx.query(
    `INSERT INTO spine.document AS d (entity_type, entity_id, version, title, body, correlation_id) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (entity_type, entity_id) DO UPDATE SET version = EXCLUDED.version, title = EXCLUDED.title, body = EXCLUDED.body,
       correlation_id = EXCLUDED.correlation_id, updated_at = now()
     WHERE d.version < EXCLUDED.version`,
    [document.entityType, document.entityId, document.version, document.title, document.body, document.correlationId],
  );
}

/** The last word of a query, which a person may still be typing, and what stands before it. Null if it can't be a prefix. */
export function lastWord(query: string): { before: string; word: string } | null {
  // Inside quotes, or excluded, a word is meant as it stands.
  if (query.split('"').length % 2 === 0) return null;
  const match = /^(.*?)(\S+)$/s.exec(query.trim());
  const word = match?.[2] ?? '';
  if (word === '' || word.startsWith('-') || word.includes('"') || /^or$/i.test(word) || !/[\p{L}\p{N}]/u.test(word)) return null;
  return { before: (match?.[1] ?? '').trim(), word };
}

/** Where a page ends: rank, type and id of its last hit. */
const Cursor = z.tuple([z.number(), z.string(), z.string()]);

function placeOf(after: string | undefined): z.infer<typeof Cursor> | readonly [null, null, null] {
  if (after === undefined) return [null, null, null];
  try {
    return Cursor.parse(JSON.parse(after));
  } catch (cause) {
    throw new ConfigError('after', 'is no place in the hits', 'the `next` of an answer', { cause });
  }
}

export interface DocumentQuery {
  readonly query: string;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
}

/**
 * Search as in a web search engine: words, "phrases", or, -not; the last word also matches as a prefix.
 * Best first; `total` counts all matches. `query` is what a person typed; nothing in it can break the search.
 * Of equal rank, hits go by type and id and not by age: one that is indexed anew while somebody reads stays in its place.
 */
export async function searchDocuments(pool: pg.Pool, { query, limit, after }: DocumentQuery, signal?: AbortSignal): Promise<{ hits: DocumentHit[]; total: number; next: string | null }> {
  const clean = query.replaceAll('\u0000', '').toWellFormed();
  const last = lastWord(clean);
  // As a quoted lexeme, so that operators in the word are text.
  const prefix = last ? `'${last.word.replaceAll('\\', '\\\\').replaceAll("'", "''")}':*` : null;
  const rows = await queryUntilAborted<{
    entity_type: string | null; entity_id: string; version: number; title: string; excerpt: string;
    rank: number; updated_ms: number; correlation_id: string | null; total: number;
  }>(
    pool,
    `WITH asked AS (
       SELECT CASE
         WHEN $2::text IS NULL THEN websearch_to_tsquery('simple', $1)
         WHEN $3::text = '' THEN websearch_to_tsquery('simple', $1) || to_tsquery('simple', $2)
         ELSE websearch_to_tsquery('simple', $1) || (websearch_to_tsquery('simple', $3) && to_tsquery('simple', $2))
       END AS query
     ), found AS MATERIALIZED (
       SELECT d.entity_type, d.entity_id, ts_rank(d.search, asked.query) AS rank FROM spine.document d, asked WHERE d.search @@ asked.query
     ), page AS (
       SELECT * FROM found
        WHERE $5::real IS NULL OR rank < $5::real OR (rank = $5::real AND (entity_type, entity_id) > ($6::text, $7::text))
        ORDER BY rank DESC, entity_type, entity_id LIMIT $4
     ), shown AS (
       SELECT d.entity_type, d.entity_id, d.version, d.title, page.rank, d.correlation_id, d.updated_at,
              ts_headline('simple', left(d.body, 20000), asked.query, 'StartSel=«, StopSel=», MaxWords=30, MinWords=10, MaxFragments=2, FragmentDelimiter=" … "') AS excerpt
         FROM page JOIN spine.document d USING (entity_type, entity_id), asked
     )
     SELECT shown.entity_type, shown.entity_id, version, title, rank::float8, correlation_id::text, excerpt,
            (extract(epoch FROM updated_at) * 1000)::float8 AS updated_ms, counted.total
       FROM (SELECT count(*)::int AS total FROM found) counted LEFT JOIN shown ON true
      ORDER BY rank DESC, entity_type, entity_id`,
    // One more than asked for tells whether there is a next page.
    [clean, prefix, last?.before ?? null, limit + 1, ...placeOf(after)],
    signal,
  );
  const hits = rows.flatMap((row) =>
    row.entity_type === null ? [] : [{
      entityType: row.entity_type,
      entityId: row.entity_id,
      version: row.version,
      title: row.title,
      excerpt: row.excerpt,
      rank: row.rank,
      updatedMs: Math.round(row.updated_ms),
      correlationId: row.correlation_id,
    }],
  );
  const page = hits.slice(0, limit);
  const end = hits.length > limit ? page.at(-1) : undefined;
  return { total: rows[0]?.total ?? 0, hits: page, next: end ? JSON.stringify([end.rank, end.entityType, end.entityId]) : null };
}
