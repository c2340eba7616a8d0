/** How the CLI speaks: words and tables for people, JSON for scripts (one value, or one a line for what goes on). */
import { styleText } from 'node:util';
import Table from 'cli-table3';

type Style = Parameters<typeof styleText>[0];

/** Colours a word where the terminal shows colours (NO_COLOR and pipes are honoured). */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function sayJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0)}\n`);
}

/** Answer with `value` as JSON, or in words. */
export function answer(json: boolean, value: unknown, words: () => void): void {
  if (json) sayJson(value);
  else words();
}

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
}

/** A table without lines: columns two blanks apart. `none` is said where there are no rows. */
export function sayTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], none: string): void {
  if (rows.length === 0) return say(none);
  const blank = Object.fromEntries(['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'].map((part) => [part, '']));
  const table = new Table({
    head: columns.map(({ head }) => paint('dim', head)),
    colAligns: columns.map(({ right = false }) => (right ? 'right' : 'left')),
    chars: blank,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
  });
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row)));
  for (const line of table.toString().split('\n')) say(line.trimEnd());
}

/** "3 jobs", "1 job". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** A length of time with at most three digits: "83 ms", "1.24 s", "12 min", "3.4 h". */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)).replace(/\.0+$/, '');
  if (ms < 1_000) return `${digits(ms)} ms`;
  if (ms < 60_000) return `${digits(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${digits(ms / 60_000)} min`;
  return ms < 172_800_000 ? `${digits(ms / 3_600_000)} h` : `${digits(ms / 86_400_000)} d`;
}

/** Local time, to the second. */
export function clock(ms: number | null): string {
  if (ms === null) return '–';
  const at = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, n)) / 3));
  return `${(n / 1_000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`;
}
