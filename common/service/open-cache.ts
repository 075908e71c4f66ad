import type { Registry as Metrics } from 'prom-client';
import { createRedisKeyValueCache } from '../cache/key-value-cache-redis.ts';
import { openRedis } from '../cache/redis.ts';
import { createRedisRateLimits } from '../limits/rate-limits-redis.ts';
import { createRedisOfflineCache } from '../offline/offline-cache-redis.ts';
import { createRedisDeviceLocations } from '../presence/device-locations-redis.ts';
import type { Discovery, InstanceList } from '../registry/registry.ts';
import { type Opened, openedHere } from './opened.ts';
import type { CacheSetting } from './port-settings.ts';
import type { ProcessKit } from './process-kit.ts';

/** What may be emptied at any time. */
export type CacheAdapters = Pick<ProcessKit, 'locations' | 'offlineCache' | 'cache' | 'rateLimits'>;

/** In the memory of the process, or in Redis. */
export function openCache(options: {
  setting: CacheSetting;
  kit: ProcessKit;
  metrics: Metrics;
  discovery: Discovery;
}): Opened<CacheAdapters> {
  const { setting, kit, metrics, discovery } = options;
  if (setting.engine === 'memory') {
    const { locations, offlineCache, cache, rateLimits } = kit;
    return openedHere({ locations, offlineCache, cache, rateLimits });
  }
  const { log } = kit;
  const redis = openRedis({ url: setting.url, name: 'cache', keyPrefix: setting.keyPrefix, log, metrics });
  const liveGateways = liveBootIds(discovery.follow('ws-gateway'));
  const locations = createRedisDeviceLocations({ redis, liveGateways, log });
  return {
    adapter: {
      locations,
      offlineCache: createRedisOfflineCache({ redis }),
      cache: createRedisKeyValueCache({ redis }),
      rateLimits: createRedisRateLimits({ redis }),
    },
    where: `Redis at ${new URL(setting.url).host}`,
    reachable: redis.reachable,
    async close() {
      await locations.close();
      await redis.close();
    },
  };
}

/** The boot ids of a list that changes; undefined until it has been read, and while that of any of them is not known. */
function liveBootIds(instances: InstanceList): () => ReadonlySet<string> | undefined {
  let live: ReadonlySet<string> | undefined;
  const read = () => {
    const bootIds = instances.current().flatMap(({ bootId }) => bootId ?? []);
    live = bootIds.length === instances.current().length ? new Set(bootIds) : undefined;
  };
  void instances.known().then(() => {
    read();
    instances.onChange(read);
  });
  return () => live;
}
