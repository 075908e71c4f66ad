// Further away than this a suggestion confuses more than it helps.
const MAX_DISTANCE = 3;

/** The one of `names` that `name` was probably meant to be, by Levenshtein distance; undefined when none is near. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const limit = Math.min(MAX_DISTANCE, Math.ceil(name.length / 2));
  let best: { name: string; distance: number } | undefined;
  for (const candidate of names) {
    const distance = levenshtein(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) {
      best = { name: candidate, distance };
    }
  }
  return best?.name;
}

/** How many characters must be put in, taken out or replaced to make `a` into `b`. */
export function levenshtein(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
    above = row;
  }
  return above[b.length]!;
}
