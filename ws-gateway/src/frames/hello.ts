import { ImError } from '@im/common/errors/im-error.ts';
import type { VerifiedToken } from '@im/common/identity/access-token-verifier.ts';
import { closeConnection } from '../connection/close.ts';
import type { Connection } from '../connection/connection.ts';
import { addLocation } from '../connection/location.ts';
import type { GatewayContext } from '../context.ts';
import { pushHeld } from '../delivery/push.ts';
import { CLOSE } from '../domain/close-codes.ts';
import type { FrameRef } from './answer.ts';
import type { FrameHandler } from './dispatch.ts';
import { receiveEarly } from './receive.ts';
import { closeAsNotSignedIn } from './refused-token.ts';
import { welcome } from './welcome.ts';

/** Signs a socket in. What the client sends meanwhile waits. */
export const hello: FrameHandler<'hello'> = (context, connection, frame, { accessToken }) => {
  if (connection.state !== 'new') throw new ImError('HELLO_REPEATED', 'this socket has said hello already');
  connection.state = 'signingIn';
  clearTimeout(connection.timer);
  signIn(context, connection, frame, accessToken).catch((error: unknown) => {
    closeAsNotSignedIn(context, connection, frame, error);
  });
};

async function signIn(
  context: GatewayContext,
  connection: Connection,
  frame: FrameRef,
  accessToken: string,
): Promise<void> {
  const token = await context.signIn.authenticate(accessToken);
  if (isGone(connection)) return;
  if (context.connections.ofUser(token.uid).size >= context.config.socketsPerUser) {
    return closeConnection(context, connection, CLOSE.tooManySockets, 'too many connections');
  }
  join(context, connection, token);
  const [epoch] = await Promise.all([
    context.epoch.get(),
    addLocation(context, connection),
    context.largeGroups.enter(token.uid),
  ]);
  // Over all gateways: this one knows only its own sockets.
  const located = (await context.locations.find([token.uid])).get(token.uid);
  if (isGone(connection)) return;
  if ((located?.length ?? 0) > context.config.socketsPerUser) {
    return closeConnection(context, connection, CLOSE.tooManySockets, 'too many connections');
  }
  welcome(context, connection, frame.id, epoch);
  connection.state = 'open';
  pushHeld(context, connection);
  receiveEarly(context, connection);
}

/** From here on the socket is found by pushes and by the end of its session. */
function join(context: GatewayContext, connection: Connection, token: VerifiedToken): void {
  connection.user = token;
  context.connections.add(connection);
  // The session may have ended between the first look and this one.
  context.signIn.check(token);
}

function isGone(connection: Connection): boolean {
  return connection.state === 'closed';
}
