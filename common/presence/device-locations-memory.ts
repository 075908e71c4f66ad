import type { DeviceLocation, DeviceLocations } from './device-locations.ts';

export interface MemoryDeviceLocationsOptions {
  /** Whether a gateway, by its boot id, still lives. All do unless somebody knows better. */
  isAlive?: (gatewayBootId: string) => boolean;
}

/**
 * Device locations for services of one process. They are gone with the process,
 * as are the connections they name; other processes do not see them.
 */
export function createMemoryDeviceLocations({
  isAlive = () => true,
}: MemoryDeviceLocationsOptions = {}): DeviceLocations {
  const byUid = new Map<string, Map<string, DeviceLocation>>();

  function living(uid: string): DeviceLocation[] {
    const connections = byUid.get(uid)?.values() ?? [];
    return [...connections].filter(({ gatewayBootId }) => isAlive(gatewayBootId));
  }

  return {
    async add(location) {
      const connections = byUid.get(location.uid) ?? new Map<string, DeviceLocation>();
      connections.set(location.connectionId, { ...location });
      byUid.set(location.uid, connections);
    },
    async remove({ uid, connectionId, gatewayBootId }) {
      const connections = byUid.get(uid);
      if (connections?.get(connectionId)?.gatewayBootId !== gatewayBootId) return;
      connections.delete(connectionId);
      if (connections.size === 0) byUid.delete(uid);
    },
    async find(uids) {
      const found = new Map<string, readonly DeviceLocation[]>();
      for (const uid of uids) {
        const locations = living(uid);
        if (locations.length > 0) found.set(uid, locations);
      }
      return found;
    },
  };
}
