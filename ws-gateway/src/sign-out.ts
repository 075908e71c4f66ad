import type { RevokedSessionNotice } from '@im/common/identity/session-liveness.ts';
import { closeConnection } from './connection/close.ts';
import type { GatewayContext } from './context.ts';
import { CLOSE } from './domain/close-codes.ts';
import { answer, type ServerFrameInit } from './frames/answer.ts';

const SESSIONS_CHANGED: ServerFrameInit = { case: 'changed', value: { sessions: true } };

/** Ends the sockets of a session that has ended, and says why; tells the user's others. */
export function signOut(context: GatewayContext, { sessionId, uid, reason }: RevokedSessionNotice): void {
  for (const connection of context.connections.ofSession(sessionId)) {
    answer(context, connection, undefined, { case: 'signedOut', value: { reason } });
    closeConnection(context, connection, CLOSE.signedOut, 'the session has ended');
  }
  // The user's other devices show a list of sessions that is shorter now.
  for (const connection of context.connections.ofUser(uid)) {
    if (connection.state === 'open') answer(context, connection, undefined, SESSIONS_CHANGED);
  }
}

/** Ends the sockets whose sessions were lost with the store they were in: their users sign in anew. */
export function signOutOlder(context: GatewayContext, bornAt: number): void {
  for (const connection of [...context.connections.all()]) {
    if (connection.user === undefined || connection.user.issuedAt >= bornAt) continue;
    closeConnection(context, connection, CLOSE.notSignedIn, 'the session is not known any more');
  }
}
