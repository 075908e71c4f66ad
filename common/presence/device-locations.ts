/** Where a signed-in connection is. */
export interface DeviceLocation {
  readonly uid: string;
  readonly connectionId: string;
  readonly gatewayBootId: string;
  readonly sessionId: string;
}

/**
 * Which gateways hold the connections of a user.
 *
 * May be emptied at any time; gateways announce again. One gateway writes and
 * removes only what is its own. Added before the connection's `welcome`.
 */
export interface DeviceLocations {
  add(location: DeviceLocation): Promise<void>;
  remove(location: DeviceLocation): Promise<void>;
  /** The locations of these users; a user without any has no key in the answer. */
  find(uids: readonly string[]): Promise<ReadonlyMap<string, readonly DeviceLocation[]>>;
}
