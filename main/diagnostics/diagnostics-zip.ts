/** The report as one file that can be sent to somebody. */
import { chmodSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { TextReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { collectDiagnostics, type DiagnosticsRequest } from './collect.ts';

export interface WrittenDiagnostics {
  readonly file: string;
  readonly bytes: number;
  /** Names inside. */
  readonly entries: readonly string[];
}

/**
 * Write the report to `file` (0600, whole or not at all; one that is there is replaced).
 * @throws the system's error if it can't be written.
 */
export async function writeDiagnostics(file: string, request: DiagnosticsRequest): Promise<WrittenDiagnostics> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  const files = await collectDiagnostics(request);
  for (const { name, text } of files) await zip.add(name, new TextReader(text));
  const bytes = await zip.close();
  const partial = `${file}.partial`;
  try {
    writeFileSync(partial, bytes, { mode: 0o600 });
    chmodSync(partial, 0o600);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  return { file, bytes: bytes.byteLength, entries: files.map(({ name }) => name) };
}

/** A name for the file: `spine-diagnostics-workshop-3-20261124-0312.zip`. */
export function diagnosticsName(nowMs: number, host: string): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-');
  return `spine-diagnostics-${host.toLowerCase().replace(/[^a-z0-9-]+/g, '-')}-${stamp}.zip`;
}
