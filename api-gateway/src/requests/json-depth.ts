/**
 * Whether parsed JSON has more than `limit` levels of lists and objects inside each other. Goes level by level,
 * not by recursion: it exists because of input that recursion does not survive.
 */
export function isDeeperThan(limit: number, json: unknown): boolean {
  let level = [json].filter(isContainer);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= limit) return true;
    level = level.flatMap((value) => Object.values(value)).filter(isContainer);
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
