/** Change a configuration file in place. What stands beside the change, comments too, is kept; a change that would not be valid is taken back. */
import { type Document, parseDocument } from 'yaml';
import { readIfThere, writeDurably } from '../../embedded/durable-file.ts';
import { ConfigError } from '../../shared/errors.ts';

/** Sets the value at a path; undefined takes it out. */
export type SetSetting = (path: readonly string[], value: unknown) => void;

export interface ConfigEdit {
  readonly file: string;
  /** First lines of a file that is not there yet. */
  readonly heading: string;
  change(set: SetSetting): void;
  /** Reads the file again. @throws ConfigError if it is not valid: the file is then as it was before. */
  check(): void;
}

/** @throws ConfigError if the file that is there can't be read, or would not be valid with the change; it is unchanged then. */
export function editConfig({ file, heading, change, check }: ConfigEdit): void {
  const before = readIfThere(file);
  const document = parseDocument(before ?? heading);
  const [problem] = document.errors;
  if (problem) throw new ConfigError(file, problem.message.split('\n')[0] ?? 'not YAML', 'valid YAML, or no file at all', { cause: problem });
  if (document.contents === null) document.contents = document.createNode({}) as unknown as NonNullable<typeof document.contents>;
  change((path, value) => {
    if (value !== undefined) document.setIn(path, value);
    else if (document.hasIn(path)) removeWithEmptyParents(document, path);
  });
  writeDurably(file, String(document), 0o600);
  try {
    check();
  } catch (error) {
    if (before !== null) writeDurably(file, before, 0o600);
    throw error;
  }
}

/** `backup: {}` would say something: what has nothing left in it goes as well. */
function removeWithEmptyParents(document: Document, path: readonly string[]): void {
  document.deleteIn(path);
  for (let depth = path.length - 1; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth));
    if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items) || parent.items.length > 0) return;
    document.deleteIn(path.slice(0, depth));
  }
}
