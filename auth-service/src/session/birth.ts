/** Birth is a full second, as tokens are dated to the second. */
const SECOND_MS = 1_000;

/** The birth of a store that begins at `now`, and later than an `earlier` one. Milliseconds since 1970. */
export function birthAt(now: number, earlier?: number): number {
  const birth = Math.ceil(now / SECOND_MS) * SECOND_MS;
  return earlier === undefined ? birth : Math.max(birth, earlier + SECOND_MS);
}
