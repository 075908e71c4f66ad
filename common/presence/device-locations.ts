import type { Platform_Value } from '../gen/im/session/v1/session_pb.ts';

/** Where a signed-in connection is. */
export interface DeviceLocation {
  readonly uid: string;
  readonly connectionId: string;
  readonly gatewayBootId: string;
  readonly sessionId: string;
  /** Of the session's device; UNSPECIFIED where the access token does not say. */
  readonly platform: Platform_Value;
}

/**
 * Which gateways hold the connections of a user.
 *
 * May be emptied at any time, as a whole; gateways notice and announce again.
 * One gateway writes and removes only what is its own. Added before the
 * connection's `welcome`. Locations of a gateway that is no longer alive are
 * not found.
 */
export interface DeviceLocations {
  add(location: DeviceLocation): Promise<void>;
  remove(location: DeviceLocation): Promise<void>;
  /** The locations of these users; a user without any has no key in the answer. */
  find(uids: readonly string[]): Promise<ReadonlyMap<string, readonly DeviceLocation[]>>;
}

/**
 * The uid under which a gateway keeps a location of its own: as long as it finds that, it believes that
 * none of its locations is lost. No user has it. Who takes away what may be a living gateway's takes this
 * first, so that the gateway notices and announces all again.
 */
export function canaryUidOf(gatewayBootId: string): string {
  return `gateway:${gatewayBootId}`;
}
