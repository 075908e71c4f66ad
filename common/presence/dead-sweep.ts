import type { Redis } from 'ioredis';
import { execPipeline } from '../cache/redis-pipeline.ts';
import type { Logger } from '../telemetry/log.ts';
import type { DeviceLocation } from './device-locations.ts';
import { canaryKey, locationKey } from './location-keys.ts';
import type { LocationScripts } from './location-scripts.ts';
import { ownerPrefix } from './location-value.ts';

/**
 * How long a gateway must be missing before what it left is removed, in milliseconds: longer than one that
 * starts needs to be known, or one that has lost its entry in the registry to put it back.
 */
const MISSING_MS = 30_000;
/** Locations removed at a time. */
const AT_ONCE = 500;
/** Boot ids remembered as missing. More are not missing at once; beyond it the oldest is seen anew. */
const MOST_MISSING = 10_000;

/** Removes, in the background, what was found of gateways that are gone. */
export interface DeadSweep {
  /** What was found of gateways that are not among the `live`. */
  look(live: ReadonlySet<string>, dead: readonly DeviceLocation[]): void;
  close(): Promise<void>;
}

export function createDeadSweep(options: {
  client: Redis;
  scripts: LocationScripts;
  clock: () => number;
  log: Logger;
}): DeadSweep {
  const { client, scripts, clock, log } = options;
  /** Since when a gateway has been missing each time somebody looked. */
  const missingSince = new Map<string, number>();
  let sweeping: Promise<void> | undefined;

  async function sweep(gone: readonly DeviceLocation[]): Promise<void> {
    const pipeline = client.pipeline();
    for (const { uid, connectionId, gatewayBootId } of gone) {
      const keys = [locationKey(uid), canaryKey(gatewayBootId)];
      scripts.sweep.add(pipeline, keys, [connectionId, ownerPrefix(gatewayBootId)]);
    }
    await execPipeline(pipeline);
  }

  return {
    look(live, dead) {
      for (const bootId of missingSince.keys()) if (live.has(bootId)) missingSince.delete(bootId);
      for (const { gatewayBootId } of dead) {
        if (missingSince.has(gatewayBootId)) continue;
        missingSince.set(gatewayBootId, clock());
        if (missingSince.size > MOST_MISSING) missingSince.delete(missingSince.keys().next().value ?? '');
      }
      if (sweeping !== undefined) return;
      const isGone = (bootId: string) => clock() - (missingSince.get(bootId) ?? clock()) >= MISSING_MS;
      const gone = dead.filter(({ gatewayBootId }) => isGone(gatewayBootId)).slice(0, AT_ONCE);
      if (gone.length === 0) return;
      sweeping = sweep(gone)
        .catch((error: unknown) => log.debug({ err: error }, 'what dead gateways left stays for now'))
        .finally(() => {
          sweeping = undefined;
        });
    },
    close: async () => sweeping,
  };
}
