import type { RevokedSessionNotice } from '@im/common/identity/session-liveness.ts';
import { closeConnection } from './connection/close.ts';
import type { GatewayContext } from './context.ts';
import { CLOSE } from './domain/close-codes.ts';
import { answer } from './frames/answer.ts';

/** Ends the sockets of a session that has ended, and says why. */
export function signOut(context: GatewayContext, { sessionId, reason }: RevokedSessionNotice): void {
  for (const connection of context.connections.ofSession(sessionId)) {
    answer(context, connection, undefined, { case: 'signedOut', value: { reason } });
    closeConnection(context, connection, CLOSE.signedOut, 'the session has ended');
  }
}

/** Ends the sockets whose sessions were lost with the store they were in: their users sign in anew. */
export function signOutOlder(context: GatewayContext, bornAt: number): void {
  for (const connection of [...context.connections.all()]) {
    if (connection.user === undefined || connection.user.issuedAt >= bornAt) continue;
    closeConnection(context, connection, CLOSE.notSignedIn, 'the session is not known any more');
  }
}
