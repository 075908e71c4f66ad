import { ImError } from '@im/common/errors/im-error.ts';
import { closeConnection } from '../connection/close.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import { CLOSE } from '../domain/close-codes.ts';
import { answerError, type FrameRef } from './answer.ts';

/** Whether an error says that the token itself is no good. */
export function isBadToken(error: unknown): boolean {
  return error instanceof ImError && error.status === 'UNAUTHENTICATED';
}

/**
 * Ends a socket that could not sign in or stay signed in. A bad token is the
 * client's to replace; when it could not be checked the client is to come back.
 */
export function closeAsNotSignedIn(
  context: GatewayContext,
  connection: Connection,
  frame: FrameRef,
  error: unknown,
): void {
  answerError(context, connection, frame, error);
  if (isBadToken(error)) {
    closeConnection(context, connection, CLOSE.notSignedIn, 'not signed in');
  } else {
    closeConnection(context, connection, CLOSE.restarting, 'cannot sign in at the moment');
  }
}
