import type { GatewayContext } from '../context.ts';
import { CLOSE } from '../domain/close-codes.ts';
import { closeConnection, hurryClose } from './close.ts';

/** Closes every socket with 1012; resolves when all are gone, those that do not answer cut off. */
export async function closeAll(context: GatewayContext): Promise<void> {
  const closings = [...context.sockets].map(async (connection) => {
    // Not `events.once`, which would take an error of the network for a failure.
    const closed = new Promise((resolve) => connection.ws.once('close', resolve));
    if (connection.state === 'closed') hurryClose(connection);
    else closeConnection(context, connection, CLOSE.restarting, 'restarting');
    await closed;
  });
  await Promise.all(closings);
}
