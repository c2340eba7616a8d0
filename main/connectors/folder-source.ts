/**
 * A folder whose CSV, JSON and NDJSON files are read. A file that has not changed (size and time of change, else its
 * hash) is not read again; a large one is gone on with where it was left.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { messageOf, RetryableError } from '../../shared/errors.ts';
import type { ConnectorConfig } from '../config/site-config.ts';
import { FilePlace, fileRecords, isReadable } from './file-records.ts';
import { idIn, storableText } from './record-identity.ts';
import { MOST_PROBLEMS, type Source, type SourceItem } from './source.ts';

const FileState = z.object({
  mtimeMs: z.number(),
  size: z.number(),
  /** Present once the file was read to its end. */
  hash: z.string().optional(),
  /** Present while it was not. */
  place: FilePlace.optional(),
  problems: z.array(z.object({ at: z.string(), problem: z.string() })).default([]),
});
type FileState = z.infer<typeof FileState>;
const FolderPosition = z.object({ idField: z.string().nullable(), files: z.record(z.string(), FileState) });

type FolderConfig = Extract<ConnectorConfig, { kind: 'folder' }>;

/**
 * `folder` is absolute. A record is named by its id field; without one by its file and line.
 * @throws RetryableError if the folder can't be listed (a share that is not mounted, say).
 */
export function folderSource(config: FolderConfig, folder: string): Source {
  return async function* read(position, signal) {
    const known = FolderPosition.safeParse(position);
    // Records get other ids with another id field, so everything is read again.
    const before = known.success && known.data.idField === (config.idField ?? null) ? known.data.files : {};
    const files: Record<string, FileState> = {};
    const now = (): SourceItem => ({ kind: 'covered', position: () => ({ idField: config.idField ?? null, files: { ...before, ...files } }) });
    const names = await listFiles(folder, config.id);
    for (const name of names) {
      const seen = before[name];
      try {
        yield* readFile({ config, path: join(folder, name), name, seen, signal, keep: (state) => { files[name] = state; }, now });
      } catch (error) {
        if (signal.aborted) throw error;
        if (isCode(error, 'ENOENT')) continue;
        // Not kept in the position: it is tried again at the next sync.
        yield { kind: 'problem', at: name, problem: `can't be read (${messageOf(error)})` };
      }
    }
    // Files that have left are forgotten.
    yield { kind: 'covered', position: () => ({ idField: config.idField ?? null, files }) };
  };
}

interface Reading {
  readonly config: FolderConfig;
  readonly path: string;
  readonly name: string;
  readonly seen: FileState | undefined;
  readonly signal: AbortSignal;
  readonly keep: (state: FileState) => void;
  readonly now: () => SourceItem;
}

async function* readFile({ config, path, name, seen, signal, keep, now }: Reading): AsyncGenerator<SourceItem, void, void> {
  const { mtimeMs, size } = await stat(path);
  const sameStat = seen !== undefined && seen.mtimeMs === mtimeMs && seen.size === size;
  const place = sameStat ? seen.place : undefined;
  const problems = sameStat ? [...seen.problems] : [];
  if (seen?.hash !== undefined && (sameStat || (seen.size === size && seen.hash === (await hashOf(path, signal))))) {
    keep({ ...seen, mtimeMs });
    for (const problem of seen.problems) yield { kind: 'problem', ...problem };
    return;
  }
  for (const problem of problems) yield { kind: 'problem', ...problem };
  const hash = await hashOf(path, signal);
  const report = (line: number, problem: string): SourceItem => {
    const found = { at: line === 0 ? name : `${name}:${line}`, problem: storableText(problem) };
    if (problems.length < MOST_PROBLEMS) problems.push(found);
    return { kind: 'problem', ...found };
  };
  for await (const item of fileRecords(path, place, signal)) {
    if (item.kind === 'problem') yield report(item.line, item.problem);
    else if (item.kind === 'reached') {
      keep({ mtimeMs, size, place: item.place, problems: [...problems] });
      yield now();
    } else {
      const at = `${name}:${item.line}`;
      const recordId = config.idField === undefined ? `${name}#${item.line}` : idIn(item.record, config.idField);
      if (recordId === null) yield report(item.line, `has no value in the id field "${config.idField ?? ''}"`);
      else yield { kind: 'record', recordId, record: item.record, receivedFrom: at };
    }
  }
  // A file that was written to meanwhile is read again next time.
  const after = await stat(path);
  if (after.mtimeMs !== mtimeMs || after.size !== size) return;
  keep({ mtimeMs, size, hash, problems });
  yield now();
}

/** Names relative to the folder, subfolders included, in order. Links are not followed out of it. */
async function listFiles(folder: string, connectorId: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && isReadable(entry.name))
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((name) => !name.split('/').some((part) => part.startsWith('.')))
      .sort();
  } catch (cause) {
    throw new RetryableError(`The folder ${folder} can't be listed (${messageOf(cause)}). See the setting connectors.${connectorId}.path.`, { cause });
  }
}

async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 262_144 }), hash, { signal });
  return hash.digest('hex');
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
