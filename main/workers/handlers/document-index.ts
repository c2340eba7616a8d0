/** The full-text index over entities: one document an entity, searched by the console. */
import type pg from 'pg';
import type { DocumentHit } from '../../../shared/operator-api/index.ts';
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

/**
 * Search as in a web search engine: words, "phrases", or, -not; the last word also matches as a prefix.
 * Best first; `total` counts all matches. `query` is what a person typed; nothing in it can break the search.
 */
export async function searchDocuments(pool: Pick<pg.Pool, 'query'>, query: string, limit: number): Promise<{ hits: DocumentHit[]; total: number }> {
  const clean = query.replaceAll('\u0000', '').toWellFormed();
  const last = lastWord(clean);
  // As a quoted lexeme, so that operators in the word are text.
  const prefix = last ? `'${last.word.replaceAll('\\', '\\\\').replaceAll("'", "''")}':*` : null;
  const { rows } = await pool.query<{
    entity_type: string; entity_id: string; version: number; title: string; excerpt: string;
    rank: number; updated_ms: number; correlation_id: string | null; total: number;
  }>(
    `WITH asked AS (
       SELECT CASE
         WHEN $2::text IS NULL THEN websearch_to_tsquery('simple', $1)
         WHEN $3::text = '' THEN websearch_to_tsquery('simple', $1) || to_tsquery('simple', $2)
         ELSE websearch_to_tsquery('simple', $1) || (websearch_to_tsquery('simple', $3) && to_tsquery('simple', $2))
       END AS query
     ), found AS (
       SELECT d.*, ts_rank(d.search, asked.query) AS rank, count(*) OVER () AS total, asked.query
         FROM spine.document d, asked WHERE d.search @@ asked.query
        ORDER BY rank DESC, d.updated_at DESC, d.entity_type, d.entity_id LIMIT $4
     )
     SELECT entity_type, entity_id, version, title, rank::float8, total::int, correlation_id::text,
            (extract(epoch FROM updated_at) * 1000)::float8 AS updated_ms,
            ts_headline('simple', left(body, 20000), query, 'StartSel=«, StopSel=», MaxWords=30, MinWords=10, MaxFragments=2, FragmentDelimiter=" … "') AS excerpt
       FROM found ORDER BY rank DESC, updated_at DESC, entity_type, entity_id`,
    [clean, prefix, last?.before ?? null, limit],
  );
  return {
    total: rows[0]?.total ?? 0,
    hits: rows.map((row) => ({
      entityType: row.entity_type,
      entityId: row.entity_id,
      version: row.version,
      title: row.title,
      excerpt: row.excerpt,
      rank: row.rank,
      updatedMs: Math.round(row.updated_ms),
      correlationId: row.correlation_id,
    })),
  };
}
