import type { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import type { DeviceLocation } from './device-locations.ts';

/** Between the parts of a location's value. Boot ids, which are UUIDs, have none. */
const SEPARATOR = '|';

/** What is stored of a location under its user and connection. Begins with `ownerPrefix` of its gateway. */
export function locationValue({ gatewayBootId, platform, sessionId }: DeviceLocation): string {
  return [gatewayBootId, platform, sessionId].join(SEPARATOR);
}

/** What the values of a gateway's locations begin with, and nobody else's. */
export function ownerPrefix(gatewayBootId: string): string {
  return `${gatewayBootId}${SEPARATOR}`;
}

/** The location that a value stands for; undefined for one that nobody here wrote. */
export function parseLocation(uid: string, connectionId: string, value: string): DeviceLocation | undefined {
  const [gatewayBootId, platform, ...rest] = value.split(SEPARATOR);
  if (gatewayBootId === undefined || platform === undefined || rest.length === 0) return undefined;
  return {
    uid,
    connectionId,
    gatewayBootId,
    platform: Number(platform) as Platform_Value,
    sessionId: rest.join(SEPARATOR),
  };
}
