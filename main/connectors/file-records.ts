/** Records of one file by its extension: CSV with a header row, JSON (array or object), NDJSON. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { messageOf } from '../../shared/errors.ts';
import { csvRows, type CsvShape, csvShape } from './csv-records.ts';
import { isRecord } from './record-identity.ts';
import { linesOf } from './text-lines.ts';

/** Where reading a large file was left. */
export const FilePlace = z.object({
  line: z.int().min(1),
  byte: z.int().min(0),
  columns: z.array(z.string()).optional(),
  delimiter: z.string().optional(),
});
export type FilePlace = z.infer<typeof FilePlace>;

export type FileItem =
  /** `line` is the item's number, from 1, in a JSON array. */
  | { readonly kind: 'record'; readonly line: number; readonly record: Record<string, unknown> }
  /** Line 0: the file as a whole. */
  | { readonly kind: 'problem'; readonly line: number; readonly problem: string }
  | { readonly kind: 'reached'; readonly place: FilePlace };

/** A JSON file is read as a whole, so it may not be larger than this, bytes. */
const LARGEST_JSON = 50 * 1_048_576;
/** Lines of NDJSON between two places where reading could go on. */
const PLACE_EVERY = 500;

const READERS = { '.csv': csv, '.tsv': csv, '.json': json, '.ndjson': ndjson, '.jsonl': ndjson } as const;

/** Can a file of this name be read? Names that begin with a dot or end with .tmp or .part are files in the making. */
export function isReadable(name: string): boolean {
  return !name.startsWith('.') && extensionOf(name) in READERS;
}

/** Read one file from `place` (default: its beginning). A malformed part is reported; the rest is read. */
export function fileRecords(file: string, place: FilePlace | undefined, signal: AbortSignal): AsyncGenerator<FileItem, void, void> {
  const reader = READERS[extensionOf(file) as keyof typeof READERS];
  return reader(file, place, signal);
}

function extensionOf(name: string): string {
  return name.slice(name.lastIndexOf('.')).toLowerCase();
}

async function* csv(file: string, place: FilePlace | undefined, signal: AbortSignal): AsyncGenerator<FileItem, void, void> {
  const lines = linesOf(file, place ?? { line: 1, byte: 0 }, signal);
  let shape: CsvShape | null = place?.columns && place.delimiter ? { columns: place.columns, delimiter: place.delimiter } : null;
  if (!shape) {
    for (let first = await lines.next(); ; first = await lines.next()) {
      if (first.done) return;
      if (first.value.text.trim() === '') continue;
      try {
        shape = csvShape(first.value.text);
      } catch (error) {
        yield { kind: 'problem', line: first.value.number, problem: `the header row can't be read (${messageOf(error)})` };
        return;
      }
      break;
    }
  }
  for await (const item of csvRows(lines, shape)) {
    if (item.kind === 'row') yield { kind: 'record', line: item.line, record: item.record };
    else if (item.kind === 'problem') yield item;
    else yield { kind: 'reached', place: { line: item.line, byte: item.endByte, columns: [...shape.columns], delimiter: shape.delimiter } };
  }
}

async function* ndjson(file: string, place: FilePlace | undefined, signal: AbortSignal): AsyncGenerator<FileItem, void, void> {
  for await (const { text, number, endByte } of linesOf(file, place ?? { line: 1, byte: 0 }, signal)) {
    if (text.trim() !== '') {
      let value: unknown;
      let problem: string | null = null;
      try {
        value = JSON.parse(text);
        if (!isRecord(value)) problem = 'is not a JSON object';
      } catch (error) {
        problem = `is not JSON (${messageOf(error)})`;
      }
      if (problem === null && isRecord(value)) yield { kind: 'record', line: number, record: value };
      else yield { kind: 'problem', line: number, problem: problem ?? 'is not a JSON object' };
    }
    if (number % PLACE_EVERY === 0) yield { kind: 'reached', place: { line: number + 1, byte: endByte } };
  }
}

async function* json(file: string, _place: FilePlace | undefined, signal: AbortSignal): AsyncGenerator<FileItem, void, void> {
  const bytes = await readFile(file, { signal });
  if (bytes.length > LARGEST_JSON) {
    yield { kind: 'problem', line: 0, problem: `is larger than ${LARGEST_JSON / 1_048_576} MB; use NDJSON, which has no limit` };
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    yield { kind: 'problem', line: 0, problem: `is not JSON (${messageOf(error)})` };
    return;
  }
  for (const [index, item] of (Array.isArray(value) ? value : [value]).entries()) {
    if (isRecord(item)) yield { kind: 'record', line: index + 1, record: item };
    else yield { kind: 'problem', line: index + 1, problem: 'is not a JSON object' };
  }
}
