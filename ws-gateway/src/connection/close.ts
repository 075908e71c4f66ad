import type { GatewayContext } from '../context.ts';
import { CLOSE, type CloseCode } from '../domain/close-codes.ts';
import type { Connection } from './connection.ts';
import { removeLocation } from './location.ts';

/** How long a client may take to answer the closing handshake, in milliseconds. */
const CLOSING_GRACE_MS = 1_000;
/** The same for one that read too slowly: what it is told stands behind all that it has not read yet. */
const SLOW_READER_GRACE_MS = 10_000;

/** Closes a socket from our side; everything it was sent before goes out first. */
export function closeConnection(
  context: GatewayContext,
  connection: Connection,
  code: CloseCode,
  why: string,
): void {
  if (connection.state === 'closed') return;
  if (code === CLOSE.tooSlow) connection.unwritten = undefined;
  context.writer.flush(connection);
  letGo(context, connection);
  connection.closedWith = code;
  connection.ws.close(code, why);
  // A paused socket would never see the client's side of the handshake.
  connection.ws.resume();
  const graceMs = code === CLOSE.tooSlow ? SLOW_READER_GRACE_MS : CLOSING_GRACE_MS;
  connection.timer = setTimeout(() => connection.ws.terminate(), graceMs);
}

/** Waits no longer than for others for one that is being closed because it read too slowly. */
export function hurryClose(connection: Connection): void {
  clearTimeout(connection.timer);
  connection.timer = setTimeout(() => connection.ws.terminate(), CLOSING_GRACE_MS);
}

/** The socket is gone, whoever closed it. */
export function connectionGone(context: GatewayContext, connection: Connection, code: number): void {
  letGo(context, connection);
  clearTimeout(connection.timer);
  context.sockets.delete(connection);
  context.metrics.closed(connection.closedWith ?? code);
}

function letGo(context: GatewayContext, connection: Connection): void {
  if (connection.state === 'closed') return;
  connection.state = 'closed';
  clearTimeout(connection.timer);
  connection.early = [];
  connection.held = [];
  context.connections.remove(connection);
  const uid = connection.user?.uid;
  if (uid !== undefined && context.connections.ofUser(uid).size === 0) context.largeGroups.leave(uid);
  context.resyncs.forget(connection);
  context.presence.forget(connection);
  removeLocation(context, connection);
}
