/** Changes of a job's input before it runs again. Pure. */
import type * as z from 'zod';
import type { InputEdit } from '../../shared/operator-api/index.ts';

export interface InputIssue {
  /** Path within the input: "to", "event.data.from"; empty for the input as a whole. */
  readonly field: string;
  readonly message: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The input as it will run. */
export function editInput(input: unknown, edit: InputEdit | null): unknown {
  if (edit === null) return input;
  return edit.kind === 'replace' ? edit.input : mergePatch(input, edit.patch);
}

/** JSON Merge Patch (RFC 7396): null removes, objects merge, everything else replaces. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  // Not by assignment: a field may be called __proto__.
  return Object.fromEntries(merged);
}

/** What of an input breaks its schema, by field; empty if it fits. */
export function inputIssues(schema: z.ZodType, input: unknown): InputIssue[] {
  const result = schema.safeParse(input);
  return result.success ? [] : result.error.issues.map(({ path, message }) => ({ field: path.map(String).join('.'), message }));
}
