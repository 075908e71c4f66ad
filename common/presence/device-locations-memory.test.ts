import { deviceLocationsConformance } from './device-locations-conformance.ts';
import { createMemoryDeviceLocations } from './device-locations-memory.ts';

deviceLocationsConformance('memory', async (isAlive) => ({
  locations: createMemoryDeviceLocations({ isAlive }),
  close: async () => {},
}));
