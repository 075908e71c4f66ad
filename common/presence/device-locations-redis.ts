import type { RedisConnection } from '../cache/redis.ts';
import { execPipeline } from '../cache/redis-pipeline.ts';
import type { Logger } from '../telemetry/log.ts';
import { createDeadSweep } from './dead-sweep.ts';
import type { DeviceLocation, DeviceLocations } from './device-locations.ts';
import { locationKey } from './location-keys.ts';
import { defineLocationScripts } from './location-scripts.ts';
import { locationValue, ownerPrefix, parseLocation } from './location-value.ts';
import { keepOwnLocations } from './own-location-keeper.ts';

/** How long the locations of a user stay when no gateway says any more that they are there, in milliseconds. */
const KEPT_MS = 30 * 60_000;
/** How often a gateway says so, in milliseconds. */
const REFRESH_MS = 5 * 60_000;

export interface RedisDeviceLocationsOptions {
  redis: RedisConnection;
  /** Boot ids of the gateways that are alive; undefined while nobody knows: then all locations count. */
  liveGateways: () => ReadonlySet<string> | undefined;
  log: Logger;
  /** Monotonic, in milliseconds. */
  clock?: () => number;
  keptMs?: number;
  refreshMs?: number;
}

export interface RedisDeviceLocations extends DeviceLocations {
  /** Ends its work in the background; leaves what is written. */
  close(): Promise<void>;
}

/**
 * Device locations of a cluster: a hash for each user, with a field for each connection.
 *
 * A location of a living gateway cannot get lost unnoticed: what was added here and not removed is kept
 * alive from here, and looked at on the way; where one is missing (evicted, or written to a server that
 * failed over) the gateway's canary is taken away, so that the gateway announces all again. What a gateway
 * leaves behind that died is ignored as soon as that is known, swept by those who come across it, and
 * expires after KEPT_MS at the latest with the last living connection of its user.
 *
 * Its limit: how soon a dead gateway is known is up to `liveGateways`. A location that is lost alone is
 * found missing within REFRESH_MS; that all are lost the gateway notices itself, within a second.
 */
export function createRedisDeviceLocations(options: RedisDeviceLocationsOptions): RedisDeviceLocations {
  const { redis, liveGateways, log, clock = () => performance.now(), keptMs = KEPT_MS } = options;
  const { client } = redis;
  const scripts = defineLocationScripts(client);
  const own = keepOwnLocations({ redis, scripts, log, keptMs, everyMs: options.refreshMs ?? REFRESH_MS });
  /** A gateway that was never seen alive may be one that has just come: its sockets count until they are swept. */
  const everLive = new Set<string>();
  const sweep = createDeadSweep({ client, scripts, clock, log });

  return {
    async add(location) {
      const key = locationKey(location.uid);
      const pipeline = client.pipeline();
      pipeline.hset(key, location.connectionId, locationValue(location)).pexpire(key, keptMs);
      await execPipeline(pipeline);
      own.add(location);
    },
    async remove(location) {
      const { uid, connectionId, gatewayBootId } = location;
      own.remove(location);
      await scripts.remove.run([locationKey(uid)], [connectionId, ownerPrefix(gatewayBootId)]);
    },
    async find(uids) {
      const found = new Map<string, readonly DeviceLocation[]>();
      const wanted = [...new Set(uids)];
      if (wanted.length === 0) return found;
      const pipeline = client.pipeline();
      for (const uid of wanted) pipeline.hgetall(locationKey(uid));
      const hashes = (await execPipeline(pipeline)) as Record<string, string>[];
      const live = liveGateways();
      for (const bootId of live ?? []) everLive.add(bootId);
      const missing: DeviceLocation[] = [];
      for (const [index, uid] of wanted.entries()) {
        const locations: DeviceLocation[] = [];
        for (const [connectionId, value] of Object.entries(hashes[index] ?? {})) {
          const location = parseLocation(uid, connectionId, value);
          if (location === undefined) continue;
          const { gatewayBootId } = location;
          const isMissing = live !== undefined && !live.has(gatewayBootId);
          if (isMissing) missing.push(location);
          if (!isMissing || !everLive.has(gatewayBootId)) locations.push(location);
        }
        if (locations.length > 0) found.set(uid, locations);
      }
      if (live !== undefined) sweep.look(live, missing);
      return found;
    },
    async close() {
      await Promise.all([own.close(), sweep.close()]);
    },
  };
}
