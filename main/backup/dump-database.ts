/**
 * The spine's tables as files, in one snapshot of the database while it is worked with, by COPY. Not the server's own files:
 * this can be read by any later PostgreSQL, also by an outside one.
 */
import { Transform } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { ConflictError } from '../../shared/errors.ts';
import type { TablePart } from './backup-manifest.ts';
import { readPart, writePart } from './file-part.ts';

const SCHEMAS = ['spine', 'pgboss'];
/** What tells the version of a schema is in the manifest; restoring makes it anew. */
const LEFT_OUT = new Set(['spine.migration', 'pgboss.version']);

interface Table {
  /** Quoted, with its schema. */
  readonly name: string;
  readonly columns: readonly string[];
}

/** Tables and the columns worth keeping: not what is generated, and no transaction ids, which mean nothing on another server. */
async function tablesOf(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, array_agg(format('%I', a.attname) ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid <> 'xid8'::regtype
     GROUP BY n.nspname, c.relname ORDER BY n.nspname, c.relname`,
    [SCHEMAS],
  );
  return rows.filter(({ name }) => !LEFT_OUT.has(name));
}

/** Names of the applied migrations, and the version of pg-boss's schema. */
export async function schemaVersions(client: Pick<pg.Client, 'query'>): Promise<{ migrations: string[]; pgBossSchema: number }> {
  const [migrations, boss] = [await client.query<{ name: string }>('SELECT name FROM spine.migration ORDER BY id'), await client.query<{ version: number }>('SELECT version FROM pgboss.version')];
  return { migrations: migrations.rows.map(({ name }) => name), pgBossSchema: Number(boss.rows[0]?.version) };
}

/**
 * Write every table into `database/` of the backup.
 * @param client in a transaction whose snapshot is the backup's.
 */
export async function dumpDatabase(client: pg.Client, root: string, options: { readonly onTable: (table: string, rows: number) => void; readonly signal: AbortSignal }): Promise<TablePart[]> {
  const parts: TablePart[] = [];
  for (const { name, columns } of await tablesOf(client)) {
    options.signal.throwIfAborted();
    let rows = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        // COPY's text format has one line a row: newlines inside values are written as \n.
        for (const byte of chunk) if (byte === 0x0a) rows += 1;
        done(null, chunk);
      },
    });
    const source = client.query(copyTo(`COPY (SELECT ${columns.join(', ')} FROM ${name}) TO STDOUT`));
    const part = await writePart(root, `database/${name.replaceAll('"', '')}.copy.zst`, source, [count, createZstdCompress()], options.signal);
    parts.push({ ...part, table: name, columns: [...columns], rows });
    options.onTable(name, rows);
  }
  return parts;
}

/**
 * Fill the tables of a database that has the schema already, all in one transaction.
 * @throws ConflictError if a table or a column of the backup is not there, or a count is not what was written.
 */
export async function loadDatabase(client: pg.Client, root: string, parts: readonly TablePart[], onTable: (table: string, rows: number) => void): Promise<void> {
  const here = new Map((await tablesOf(client)).map((table) => [table.name, table]));
  for (const { table, columns } of parts) {
    const missing = columns.filter((column) => !here.get(table)?.columns.includes(column));
    if (missing.length > 0) throw new ConflictError(`The backup has ${missing.length === columns.length ? `the table ${table}` : `${table}.${missing.join(', ')}`}, which this version has not. Restore it with the version that made it, then upgrade.`);
  }
  await client.query('BEGIN');
  try {
    await client.query(`TRUNCATE ${[...here.keys()].join(', ')} CASCADE`);
    for (const part of inOrderOfReference(parts, await referencesAmong(client))) {
      const { table, columns, rows } = part;
      // Triggers keep counts of what happens; here nothing happens, and the counts come along.
      await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
      const target = client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
      await pipeline(readPart(root, part), createZstdDecompress(), target);
      await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
      if (target.rowCount !== rows) throw new ConflictError(`${table} got ${target.rowCount} rows instead of ${rows}. The backup is damaged; take another.`);
      onTable(table, rows);
    }
    await setSequences(client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
  await client.query('ANALYZE');
}

async function referencesAmong(client: pg.Client): Promise<Map<string, Set<string>>> {
  const { rows } = await client.query<{ from: string; to: string }>(
    `SELECT DISTINCT format('%I.%I', fn.nspname, f.relname) AS "from", format('%I.%I', tn.nspname, t.relname) AS "to"
     FROM pg_constraint k JOIN pg_class f ON f.oid = k.conrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
     WHERE k.contype = 'f' AND k.conrelid <> k.confrelid AND fn.nspname = ANY($1)`,
    [SCHEMAS],
  );
  const references = new Map<string, Set<string>>();
  for (const { from, to } of rows) references.set(from, (references.get(from) ?? new Set()).add(to));
  return references;
}

/** A table comes after those that it refers to. */
function inOrderOfReference(parts: readonly TablePart[], references: ReadonlyMap<string, ReadonlySet<string>>): TablePart[] {
  const byName = new Map(parts.map((part) => [part.table, part]));
  const ordered = new Set<TablePart>();
  const visit = (part: TablePart, above: ReadonlySet<string>): void => {
    for (const name of references.get(part.table) ?? []) {
      const referred = byName.get(name);
      if (referred && !above.has(name)) visit(referred, new Set([...above, part.table]));
    }
    ordered.add(part);
  };
  for (const part of parts) visit(part, new Set());
  return [...ordered];
}

/** Numbers go on behind those that came along. */
async function setSequences(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ sequence: string; table: string; column: string }>(
    `SELECT pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) AS sequence, format('%I.%I', n.nspname, c.relname) AS table, format('%I', a.attname) AS column
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) IS NOT NULL`,
    [SCHEMAS],
  );
  for (const { sequence, table, column } of rows) {
    await client.query(`SELECT setval('${sequence}', coalesce((SELECT max(${column}) FROM ${table}), 0) + 1, false)`);
  }
}
