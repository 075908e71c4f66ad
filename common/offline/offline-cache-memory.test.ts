import { offlineCacheConformance } from './offline-cache-conformance.ts';
import { createMemoryOfflineCache } from './offline-cache-memory.ts';

offlineCacheConformance('memory', async () => ({
  cache: createMemoryOfflineCache(),
  close: async () => {},
}));
