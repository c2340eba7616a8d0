/**
 * CSV with a header row, read so that a malformed line costs that line only.
 *
 * A plain CSV parser loses everything after a quote that is never closed. So lines are grouped into records here by the
 * parity of their quotes, csv-parse reads the groups, and a group that it refuses is taken apart: its first line is
 * reported, the others are tried again.
 */
import { parse } from 'csv-parse/sync';
import { messageOf } from '../../shared/errors.ts';
import type { TextLine } from './text-lines.ts';

/** What reading needs to know besides the lines. */
export interface CsvShape {
  readonly columns: readonly string[];
  readonly delimiter: string;
}

export type CsvItem =
  | { readonly kind: 'row'; readonly line: number; readonly record: Record<string, string> }
  | { readonly kind: 'problem'; readonly line: number; readonly problem: string }
  /** Everything up to `endByte` has been yielded; `line` begins there. */
  | { readonly kind: 'reached'; readonly line: number; readonly endByte: number };

/** A quoted text may span this many lines; a quote that stays open longer is taken for a stray one. */
const MOST_LINES_OF_A_RECORD = 200;
const BATCH = 250;
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Read the header row. Empty names become `column_<n>`, repeated ones get a number. */
export function csvShape(header: string): CsvShape {
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  const delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
  const [cells = []] = parseRows(header, delimiter);
  const seen = new Map<string, number>();
  const columns = cells.map((cell, index) => {
    const name = cell.trim() || `column_${index + 1}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
  return { columns, delimiter };
}

/** Rows of the lines after the header. */
export async function* csvRows(lines: AsyncIterable<TextLine>, shape: CsvShape): AsyncGenerator<CsvItem, void, void> {
  const records: TextLine[][] = [];
  let open: TextLine[] = [];
  for await (const line of lines) {
    // Lines of a group that was taken apart come before the next one of the file.
    const pending = [line];
    for (let next = pending.shift(); next; next = pending.shift()) {
      if (open.length === 0 && next.text.trim() === '') continue;
      open.push(next);
      if (quotesClose(open)) {
        records.push(open);
        open = [];
      } else if (open.length >= MOST_LINES_OF_A_RECORD) {
        yield* rowsOf(records.splice(0), shape);
        const [first, ...others] = open;
        open = [];
        if (first) yield { kind: 'problem', line: first.number, problem: 'a quote is opened and not closed' };
        pending.unshift(...others);
      }
    }
    if (records.length >= BATCH) {
      yield* rowsOf(records.splice(0), shape);
      if (open.length === 0) yield { kind: 'reached', line: line.number + 1, endByte: line.endByte };
    }
  }
  yield* rowsOf(records, shape);
  if (open.length > 0) yield* takeApart(open, 'a quote is opened and not closed', shape);
}

function quotesClose(lines: readonly TextLine[]): boolean {
  let quotes = 0;
  for (const { text } of lines) for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes++;
  return quotes % 2 === 0;
}

function* rowsOf(records: readonly TextLine[][], shape: CsvShape): Generator<CsvItem, void, void> {
  if (records.length === 0) return;
  const textOf = (lines: readonly TextLine[]): string => lines.map(({ text }) => text).join('\n');
  try {
    const rows = parseRows(records.map(textOf).join('\n'), shape.delimiter);
    if (rows.length === records.length) {
      for (const [index, cells] of rows.entries()) yield rowOf(cells, records[index]?.[0]?.number ?? 0, shape);
      return;
    }
  } catch {
    // One of them is malformed: find it below.
  }
  for (const lines of records) {
    const line = lines[0]?.number ?? 0;
    try {
      const [cells, another] = parseRows(textOf(lines), shape.delimiter);
      if (cells && !another) {
        yield rowOf(cells, line, shape);
        continue;
      }
      yield { kind: 'problem', line, problem: 'is not one row' };
    } catch (error) {
      yield* takeApart(lines, problemOf(error), shape);
    }
  }
}

/** Report the first line, and read the others as if it were not there. */
function* takeApart(lines: readonly TextLine[], problem: string, shape: CsvShape): Generator<CsvItem, void, void> {
  const [first, ...others] = lines;
  if (!first) return;
  yield { kind: 'problem', line: first.number, problem };
  let open: TextLine[] = [];
  const records: TextLine[][] = [];
  for (const line of others) {
    if (open.length === 0 && line.text.trim() === '') continue;
    open.push(line);
    if (!quotesClose(open)) continue;
    records.push(open);
    open = [];
  }
  yield* rowsOf(records, shape);
  // Each call is one line shorter, so this ends.
  if (open.length > 0) yield* takeApart(open, 'a quote is opened and not closed', shape);
}

function rowOf(cells: readonly string[], line: number, { columns }: CsvShape): CsvItem {
  if (cells.length !== columns.length) {
    return { kind: 'problem', line, problem: `has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, the header has ${columns.length}` };
  }
  return { kind: 'row', line, record: Object.fromEntries(columns.map((column, index) => [column, (cells[index] ?? '').trim()])) };
}

function parseRows(text: string, delimiter: string): string[][] {
  return parse(text, { delimiter, relax_column_count: true, columns: false, skip_empty_lines: true });
}

function problemOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened and not closed';
  if (code === 'CSV_INVALID_CLOSING_QUOTE' || code === 'INVALID_OPENING_QUOTE') return 'a quote stands where none may be';
  return messageOf(error);
}
