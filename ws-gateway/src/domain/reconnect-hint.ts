/** Sockets that should come back to the other gateways in a second. */
const RETURNS_PER_SECOND = 500;

/** The shortest time over which the clients of a stopping gateway are spread, in milliseconds. */
const LEAST_SPREAD_MS = 1_000;

/** When a client should reconnect, in whole milliseconds from now; `random` lies in [0, 1). */
export function reconnectAfterMs(sockets: number, random: number): number {
  const spread = Math.max(LEAST_SPREAD_MS, (sockets / RETURNS_PER_SECOND) * 1_000);
  return Math.floor(random * spread);
}
