import { deviceLocationsConformance } from './device-locations-conformance.ts';
import { createMemoryDeviceLocations } from './device-locations-memory.ts';

deviceLocationsConformance('memory', async () => ({
  locations: createMemoryDeviceLocations(),
  close: async () => {},
}));
