import { ImError } from '@im/common/errors/im-error.ts';
import type { Connection } from '../connection/connection.ts';
import type { GatewayContext } from '../context.ts';
import { answerError, type FrameRef } from './answer.ts';
import type { FrameHandler } from './dispatch.ts';
import { closeAsNotSignedIn, isBadToken } from './refused-token.ts';
import { welcome } from './welcome.ts';

/** Takes a newer access token of the same session. */
export const renew: FrameHandler<'renew'> = (context, connection, frame, { accessToken }) => {
  replaceToken(context, connection, frame, accessToken).catch((error: unknown) => {
    if (isBadToken(error)) closeAsNotSignedIn(context, connection, frame, error);
    // It could not be checked: the token before it is still good.
    else answerError(context, connection, frame, error);
  });
};

async function replaceToken(
  context: GatewayContext,
  connection: Connection,
  frame: FrameRef,
  accessToken: string,
): Promise<void> {
  const token = await context.signIn.authenticate(accessToken);
  const before = connection.user!;
  if (token.sessionId !== before.sessionId || token.uid !== before.uid) {
    throw new ImError('TOKEN_INVALID', 'the token belongs to another session');
  }
  const epoch = await context.epoch.get();
  if (connection.state === 'closed') return;
  // Two renewals may overtake each other; the longer one counts.
  if (token.expiresAt > connection.user!.expiresAt) connection.user = token;
  welcome(context, connection, frame.id, epoch);
}
