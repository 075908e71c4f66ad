import { randomUUID } from 'node:crypto';
import type { Bus } from '../bus/bus.ts';
import { createLocalBus } from '../bus/bus-local.ts';
import type { KeyValueCache } from '../cache/key-value-cache.ts';
import { createMemoryKeyValueCache } from '../cache/key-value-cache-memory.ts';
import { generateServiceKeys, type KnownServiceKeys } from '../identity/service-keys.ts';
import type { RateLimits } from '../limits/rate-limits.ts';
import { createMemoryRateLimits } from '../limits/rate-limits-memory.ts';
import type { OfflineCache } from '../offline/offline-cache.ts';
import { createMemoryOfflineCache } from '../offline/offline-cache-memory.ts';
import type { DeviceLocations } from '../presence/device-locations.ts';
import { createMemoryDeviceLocations } from '../presence/device-locations-memory.ts';
import { createLocalNetwork } from '../rpc/local-network.ts';
import type { RpcNetwork } from '../rpc/network.ts';
import { createLogger, type Logger } from '../telemetry/log.ts';
import type { ProcessTraces } from '../telemetry/traces.ts';
import { SERVICE_NAMES } from './names.ts';

/** What all services of a process share: one adapter for each port, and the process's own facts. */
export interface ProcessKit {
  readonly bootId: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger;
  /** Undefined where nothing is traced. */
  readonly traces: ProcessTraces | undefined;
  /** What the services sign their calls with and know each other by. */
  readonly serviceKeys: KnownServiceKeys;
  readonly network: RpcNetwork;
  readonly bus: Bus;
  readonly locations: DeviceLocations;
  readonly offlineCache: OfflineCache;
  readonly cache: KeyValueCache;
  readonly rateLimits: RateLimits;
}

/** The adapters that need no server, except what is given. Keys that are not given are thrown away with the process. */
export function createProcessKit(given: Partial<ProcessKit>): ProcessKit {
  const log = given.log ?? createLogger({ level: 'info' });
  return {
    bootId: given.bootId ?? randomUUID(),
    now: given.now ?? Date.now,
    log,
    traces: given.traces,
    serviceKeys: given.serviceKeys ?? generateServiceKeys(SERVICE_NAMES),
    network: given.network ?? createLocalNetwork(),
    bus: given.bus ?? createLocalBus({ log }),
    locations: given.locations ?? createMemoryDeviceLocations(),
    offlineCache: given.offlineCache ?? createMemoryOfflineCache(),
    cache: given.cache ?? createMemoryKeyValueCache(),
    rateLimits: given.rateLimits ?? createMemoryRateLimits(),
  };
}
