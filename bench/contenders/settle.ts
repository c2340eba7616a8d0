import type { ClientBase } from 'pg';

/**
 * What a million rows put in at once leave behind (pages to be written, rows to be looked through) is cleared away: the question
 * is what lying there costs, not what arriving did.
 */
export async function settle(sql: Pick<ClientBase, 'query'>): Promise<void> {
  await sql.query('VACUUM ANALYZE');
  await sql.query('CHECKPOINT');
}
