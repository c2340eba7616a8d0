/** bench/RESULTS.md is written by several benchmarks: each keeps the sections of the others. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const file = join(import.meta.dirname, 'RESULTS.md');
const mark = (name: string, end: 'begin' | 'end'): string => `<!-- ${name}: ${end} -->`;

/** Put a section where it was, or at the end. `text` begins with its heading. */
export function writeSection(name: string, text: string): void {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : '# Benchmark results\n';
  const section = `${mark(name, 'begin')}\n${text.trim()}\n${mark(name, 'end')}`;
  const [from, to] = [before.indexOf(mark(name, 'begin')), before.indexOf(mark(name, 'end'))];
  const after = from >= 0 && to > from ? before.slice(0, from) + section + before.slice(to + mark(name, 'end').length) : `${before.trimEnd()}\n\n${section}\n`;
  writeFileSync(file, after);
}

/** Sections that other benchmarks wrote, to be kept when the file is written anew. */
export function markedSections(): string {
  if (!existsSync(file)) return '';
  return [...readFileSync(file, 'utf8').matchAll(/<!-- ([\w-]+): begin -->[\s\S]*?<!-- \1: end -->/g)].map(([section]) => section).join('\n\n');
}

export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}
