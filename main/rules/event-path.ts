/** Paths into an event, as rules write them: `data.customer.tier`, `$.data.items[0].price`, `$.data['order no']`. */

const STEP = /\.?([\p{L}_][\p{L}\p{N}_-]*)|\[(\d+)\]|\['([^']*)'\]/uy;
const MOST_CACHED = 1_000;
const parsed = new Map<string, readonly string[] | null>();

/** The steps of a path; null if it is none. Filters and wildcards of JSONPath are not understood: a look must stay cheap. */
export function parsePath(path: string): readonly string[] | null {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const steps = readSteps(path);
  if (parsed.size >= MOST_CACHED) parsed.clear();
  parsed.set(path, steps);
  return steps;
}

function readSteps(path: string): string[] | null {
  const steps: string[] = [];
  let at = path.startsWith('$') ? 1 : 0;
  while (at < path.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(path);
    if (!match) return null;
    steps.push(match[1] ?? match[2] ?? match[3] ?? '');
    at = STEP.lastIndex;
  }
  return steps;
}

/** What stands at a path; undefined if there is nothing. Own properties only, so that no path leads out of the data. */
export function valueAt(root: unknown, path: string): unknown {
  let value: unknown = root;
  for (const step of parsePath(path) ?? ['']) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
