import { canaryUidOf } from './device-locations.ts';

/** Where the locations of a user are. */
export function locationKey(uid: string): string {
  return `loc:${uid}`;
}

/** Where a gateway's canary is. */
export function canaryKey(gatewayBootId: string): string {
  return locationKey(canaryUidOf(gatewayBootId));
}
