import type { OfflineCache } from '@im/common/offline/offline-cache.ts';

/** Holds nothing: everything is read from the store. */
export const noOfflineCache: OfflineCache = {
  append: async () => {},
  read: async () => undefined,
};
