export interface ExcerptPart {
  /** Where it begins. */
  readonly at: number;
  readonly text: string;
  readonly match: boolean;
}

/** Cut an excerpt at its marks « and ». A mark without its partner is text like any other. */
export function splitExcerpt(excerpt: string): ExcerptPart[] {
  const parts: ExcerptPart[] = [];
  let rest = 0;
  for (const found of excerpt.matchAll(/«([^«»]*)»/g)) {
    if (found.index > rest) parts.push({ at: rest, text: excerpt.slice(rest, found.index), match: false });
    parts.push({ at: found.index, text: found[1] ?? '', match: true });
    rest = found.index + found[0].length;
  }
  if (rest < excerpt.length) parts.push({ at: rest, text: excerpt.slice(rest), match: false });
  return parts;
}
