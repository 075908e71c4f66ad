/** A socket is silent after this many heartbeats without any frame. */
const SILENT_HEARTBEATS = 2;

/** Whether a socket that was last heard at `heardAt` is to be given up. Milliseconds. */
export function isSilent(heardAt: number, heartbeatSeconds: number, now: number): boolean {
  return now - heardAt >= SILENT_HEARTBEATS * heartbeatSeconds * 1_000;
}

/**
 * When the server next pings a socket, in milliseconds. The first time is a
 * random part of a heartbeat, so that sockets that came together are not
 * pinged together.
 */
export function nextPingAt(heartbeatSeconds: number, now: number, share = 1): number {
  return now + heartbeatSeconds * 1_000 * share;
}
