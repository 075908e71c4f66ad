import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import {
  canaryUidOf,
  type DeviceLocation,
  type DeviceLocations,
} from '@im/common/presence/device-locations.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { Connection } from '../connection/connection.ts';

/** Locations written at a time. */
const AT_ONCE = 500;

/**
 * Keeps the locations of this gateway's sockets where others look for them.
 * They may be lost at any time, all at once; a location of the gateway's own,
 * which is found as long as nothing was lost, tells.
 */
export interface OwnLocations {
  /** Under this name the gateway finds itself. No user has it. */
  readonly canaryUid: string;
  /** Writes all of them unless they are there; `found` is what a look that included the canary saw. */
  keep(found: ReadonlyMap<string, unknown>): Promise<void>;
  /** The gateway goes: takes the canary away. */
  close(): Promise<void>;
}

export interface OwnLocationsOptions {
  bootId: string;
  locations: DeviceLocations;
  connections: () => Iterable<Connection>;
  locationOf: (connection: Connection) => DeviceLocation | undefined;
  /** They had been lost, and are there again: what was meant for these sockets meanwhile did not find them. */
  onLost: (connections: readonly Connection[]) => void;
  log: Logger;
}

export function createOwnLocations(options: OwnLocationsOptions): OwnLocations {
  const { locations, bootId, log } = options;
  const canary: DeviceLocation = {
    uid: canaryUidOf(bootId),
    connectionId: 'canary',
    gatewayBootId: bootId,
    sessionId: '',
    platform: Platform_Value.UNSPECIFIED,
  };
  let everKept = false;
  /** The last writing of all of them did not come to its end. */
  let isIncomplete = true;

  async function writeAll(): Promise<Connection[]> {
    // First: when all is lost again before the end, the canary is too.
    await locations.add(canary);
    const written: Connection[] = [];
    for (const batch of batches([...options.connections()])) {
      await Promise.all(
        batch.map(async (connection) => {
          const location = options.locationOf(connection);
          if (connection.state === 'closed' || location === undefined) return;
          // A socket that goes meanwhile is removed after this, not before.
          connection.located = locations.add(location);
          await connection.located;
          written.push(connection);
        }),
      );
    }
    return written;
  }

  return {
    canaryUid: canary.uid,
    async keep(found) {
      if (found.has(canary.uid) && !isIncomplete) return;
      isIncomplete = true;
      const written = await writeAll();
      isIncomplete = false;
      if (everKept && written.length > 0) {
        log.warn({ sockets: written.length }, 'the device locations were lost and are announced again');
        options.onLost(written);
      }
      everKept = true;
    },
    close: () => locations.remove(canary),
  };
}

function* batches<T>(items: readonly T[]): Iterable<T[]> {
  for (let i = 0; i < items.length; i += AT_ONCE) yield items.slice(i, i + AT_ONCE);
}
