/** Birth is a full second, as tokens are dated to the second. */
const SECOND_MS = 1_000;

/**
 * A birth that lies no further ahead than this is one: a restore's is later than that of the store it
 * replaces. Half of what gateways allow a token to be dated ahead of their clocks.
 */
export const MOST_AHEAD_MS = 30_000;

/** The birth of a store that begins at `now`, and later than an `earlier` one. Milliseconds since 1970. */
export function birthAt(now: number, earlier?: number): number {
  const birth = Math.ceil(now / SECOND_MS) * SECOND_MS;
  return earlier === undefined ? birth : Math.max(birth, earlier + SECOND_MS);
}
