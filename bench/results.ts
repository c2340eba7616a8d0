/** Sections of bench/RESULTS.md that other scripts than the main one write: each replaces its own and leaves the rest as it is. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, 'RESULTS.md');
const SECTION = /<!-- begin [a-z-]+ -->[^]*?<!-- end [a-z-]+ -->\n?/g;

/** The machine in a few words. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.version}`;
}

/** All sections of other scripts, as they stand in the file. */
export function keptSections(): string {
  return existsSync(FILE) ? (readFileSync(FILE, 'utf8').match(SECTION) ?? []).join('\n') : '';
}

/** Write a script's own section, in the place that it had. */
export function writeSection(name: string, text: string): void {
  const begin = `<!-- begin ${name} -->`;
  const own = `${begin}\n${text.trim()}\n<!-- end ${name} -->\n`;
  const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '# Benchmark results\n';
  const at = before.indexOf(begin);
  const end = `<!-- end ${name} -->\n`;
  const after = at < 0 ? `${before.trimEnd()}\n\n${own}` : before.slice(0, at) + own + before.slice(before.indexOf(end, at) + end.length);
  writeFileSync(FILE, after);
}
