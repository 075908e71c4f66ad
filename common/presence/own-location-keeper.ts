import type { RedisConnection } from '../cache/redis.ts';
import { execPipeline } from '../cache/redis-pipeline.ts';
import type { Logger } from '../telemetry/log.ts';
import type { DeviceLocation } from './device-locations.ts';
import { canaryKey, locationKey } from './location-keys.ts';
import type { LocationScripts } from './location-scripts.ts';
import { locationValue } from './location-value.ts';

/** Locations asked for in one round trip. */
const AT_ONCE = 500;

/** Keeps the locations that this process has added from expiring, and notices when one is gone. */
export interface OwnLocationKeeper {
  add(location: DeviceLocation): void;
  remove(location: DeviceLocation): void;
  close(): Promise<void>;
}

export function keepOwnLocations(options: {
  redis: RedisConnection;
  scripts: LocationScripts;
  log: Logger;
  /** How long a location is kept each time, in milliseconds. */
  keptMs: number;
  everyMs: number;
}): OwnLocationKeeper {
  const { redis, scripts, log, keptMs } = options;
  const { client } = redis;
  const own = new Map<string, DeviceLocation>();
  let refreshing: Promise<void> | undefined;
  let closed = false;

  async function refresh(): Promise<void> {
    const all = [...own];
    for (let i = 0; i < all.length && !closed; i += AT_ONCE) {
      // What was removed since the beginning is gone rightly.
      const batch = all.slice(i, i + AT_ONCE).filter(([key]) => own.has(key));
      const pipeline = client.pipeline();
      for (const [, location] of batch) {
        const args = [location.connectionId, locationValue(location), keptMs];
        scripts.refresh.add(pipeline, [locationKey(location.uid)], args);
      }
      const kept = await execPipeline(pipeline);
      const lost = batch.filter(([key], index) => kept[index] === 0 && own.has(key));
      if (lost.length === 0) continue;
      log.warn({ lost: lost.length }, 'device locations are missing: all are to be announced again');
      await client.del([...new Set(lost.map(([, location]) => canaryKey(location.gatewayBootId)))]);
      return;
    }
  }

  function run(): void {
    refreshing ??= refresh()
      .catch((error: unknown) => log.debug({ err: error }, 'device locations are not refreshed for now'))
      .finally(() => {
        refreshing = undefined;
      });
  }

  const timer = setInterval(run, options.everyMs);
  // Another server may answer from now on.
  client.on('ready', run);
  return {
    add: (location) => own.set(ownKey(location), { ...location }),
    remove: (location) => own.delete(ownKey(location)),
    async close() {
      closed = true;
      clearInterval(timer);
      client.off('ready', run);
      await refreshing;
    },
  };
}

function ownKey({ gatewayBootId, connectionId, uid }: DeviceLocation): string {
  return [gatewayBootId, connectionId, uid].join(' ');
}
