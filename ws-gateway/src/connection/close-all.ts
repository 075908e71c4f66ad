import { once } from 'node:events';
import type { GatewayContext } from '../context.ts';
import { CLOSE } from '../domain/close-codes.ts';
import { closeConnection } from './close.ts';

/** Closes every socket with 1012; resolves when all are gone, those that do not answer cut off. */
export async function closeAll(context: GatewayContext): Promise<void> {
  const closings = [...context.sockets].map(async (connection) => {
    const closed = once(connection.ws, 'close');
    closeConnection(context, connection, CLOSE.restarting, 'restarting');
    await closed;
  });
  await Promise.all(closings);
}
