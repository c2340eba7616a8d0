/** Texts of a rule's action with {{ path }} into the event. */
import { parsePath, valueAt } from './event-path.ts';

const PLACE = /\{\{([^{}]*)\}\}/g;
const ONLY_A_PLACE = /^\s*\{\{([^{}]*)\}\}\s*$/;

/**
 * Fill all texts in `value`, however deep. A text that is nothing but one {{ path }} takes the value with its type,
 * and its key is left out if there is none; within a longer text a missing value is empty, objects are JSON.
 */
export function fillTemplate(value: unknown, event: unknown): unknown {
  if (typeof value === 'string') {
    const only = ONLY_A_PLACE.exec(value);
    if (only) return valueAt(event, (only[1] ?? '').trim());
    return value.replace(PLACE, (_place, path: string) => wordsOf(valueAt(event, path.trim())));
  }
  if (Array.isArray(value)) return value.map((item) => fillTemplate(item, event) ?? null);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => {
        const filled = fillTemplate(inner, event);
        return filled === undefined ? [] : [[key, filled]];
      }),
    );
  }
  return value;
}

/** The first place that can't be read, as it is written; null if all are fine. */
export function badPlace(value: unknown): string | null {
  if (typeof value === 'string') {
    for (const [place, path = ''] of value.matchAll(PLACE)) if (path.trim() === '' || parsePath(path.trim()) === null) return place;
    return value.replace(PLACE, '').includes('{{') ? value : null;
  }
  if (value === null || typeof value !== 'object') return null;
  for (const inner of Object.values(value)) {
    const bad = badPlace(inner);
    if (bad !== null) return bad;
  }
  return null;
}

function wordsOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
