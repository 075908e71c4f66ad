import type { DeviceLocations } from '@im/common/presence/device-locations.ts';
import { createMemoryDeviceLocations } from '@im/common/presence/device-locations-memory.ts';

/** Device locations that a test may empty, as a restarted store is. */
export function createEmptiedLocations(): { locations: DeviceLocations; empty(): void } {
  let kept = createMemoryDeviceLocations();
  return {
    locations: {
      add: (location) => kept.add(location),
      remove: (location) => kept.remove(location),
      find: (uids) => kept.find(uids),
    },
    empty() {
      kept = createMemoryDeviceLocations();
    },
  };
}
