/** Cut an excerpt at its marks « and ». A mark without its partner is text like any other. */
export function splitExcerpt(excerpt: string): { text: string; match: boolean }[] {
  const parts: { text: string; match: boolean }[] = [];
  let rest = 0;
  for (const found of excerpt.matchAll(/«([^«»]*)»/g)) {
    if (found.index > rest) parts.push({ text: excerpt.slice(rest, found.index), match: false });
    parts.push({ text: found[1] ?? '', match: true });
    rest = found.index + found[0].length;
  }
  if (rest < excerpt.length) parts.push({ text: excerpt.slice(rest), match: false });
  return parts;
}
