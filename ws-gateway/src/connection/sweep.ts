import type { GatewayContext } from '../context.ts';
import { CLOSE } from '../domain/close-codes.ts';
import { isSilent, nextPingAt } from '../domain/silence.ts';
import { closeConnection } from './close.ts';
import type { Connection } from './connection.ts';

/** How often all sockets are looked at, in milliseconds; one timer for all is cheaper than one for each. */
const SWEEP_MS = 1_000;

/** Four looks a heartbeat at least, so that short heartbeats are kept too. */
const SWEEPS_PER_HEARTBEAT = 4;

/** Closes silent sockets and those whose token ran out, and pings the others. Returns how to end it. */
export function startSweep(context: GatewayContext): () => void {
  const { heartbeatSeconds } = context.config;
  const everyMs = Math.min(SWEEP_MS, (heartbeatSeconds * 1_000) / SWEEPS_PER_HEARTBEAT);
  const timer = setInterval(() => {
    const clock = context.clock();
    const now = context.now();
    for (const connection of context.sockets) look(context, connection, clock, now);
  }, everyMs);
  return () => clearInterval(timer);
}

function look(context: GatewayContext, connection: Connection, clock: number, now: number): void {
  if (connection.state === 'closed') return;
  const { heartbeatSeconds } = context.config;
  // What we do not read cannot be heard.
  if (connection.ws.isPaused) connection.heardAt = clock;
  if (isSilent(connection.heardAt, heartbeatSeconds, clock)) {
    return closeConnection(context, connection, CLOSE.silent, 'silent');
  }
  if (connection.user !== undefined && connection.user.expiresAt <= now) {
    return closeConnection(context, connection, CLOSE.notSignedIn, 'the access token has expired');
  }
  if (connection.pingAt <= clock) {
    connection.pingAt = nextPingAt(heartbeatSeconds, clock);
    connection.ws.ping();
  }
  for (const [conversation, order] of connection.sends) {
    if (order.isIdle(clock)) connection.sends.delete(conversation);
  }
}
