import type { DeviceLocation } from '@im/common/presence/device-locations.ts';
import type { GatewayContext } from '../context.ts';
import type { Connection } from './connection.ts';

/** Lets the delivering services know where a signed-in socket is. Rejects when that cannot be written. */
export function addLocation(context: GatewayContext, connection: Connection): Promise<void> {
  const location = locationOf(context, connection);
  connection.located = location === undefined ? Promise.resolve() : context.locations.add(location);
  return connection.located;
}

/** Takes a location back, after the writing of it has ended; the gateway waits for it when it stops. */
export function removeLocation(context: GatewayContext, connection: Connection): void {
  const location = locationOf(context, connection);
  if (location === undefined || connection.located === undefined) return;
  const removal = connection.located
    .catch(() => {})
    .then(() => context.locations.remove(location))
    .catch((error: unknown) => context.log.warn({ err: error }, 'a device location could not be removed'))
    .finally(() => context.removals.delete(removal));
  context.removals.add(removal);
}

/** Undefined before the socket has signed in. */
export function locationOf(
  context: Pick<GatewayContext, 'bootId'>,
  connection: Connection,
): DeviceLocation | undefined {
  if (connection.user === undefined) return undefined;
  const { uid, sessionId, platform } = connection.user;
  return { uid, sessionId, platform, connectionId: connection.id, gatewayBootId: context.bootId };
}
