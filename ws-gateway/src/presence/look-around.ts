import { setImmediate } from 'node:timers/promises';
import type { DeviceLocation, DeviceLocations } from '@im/common/presence/device-locations.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { Connection } from '../connection/connection.ts';
import type { OwnLocations } from './own-locations.ts';
import type { PresenceWatch } from './presence-watch.ts';
import type { WatchTable } from './watch-table.ts';

/** How often, in milliseconds: a change is told within 2 s, and one that is undone before the next look never. */
const LOOK_MS = 1_000;

/** People looked for before the event loop gets a turn. */
const AT_ONCE = 2_000;

/** When all locations were lost, so long is given to the gateways to announce them again, in milliseconds. */
const ANNOUNCING_MS = 3 * LOOK_MS;

export interface LookAround {
  close(): Promise<void>;
}

export interface LookAroundOptions {
  locations: DeviceLocations;
  own: OwnLocations;
  table: WatchTable<Connection>;
  watch: PresenceWatch;
  clock: () => number;
  log: Logger;
}

/**
 * Looks, about each second, where those are who are watched: once for all
 * sockets. The same look shows whether the gateway's own locations are there.
 */
export function startLookAround(options: LookAroundOptions): LookAround {
  const { locations, own, table, watch, clock, log } = options;
  let believedFrom = 0;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    watch.askAgain();
    const people = table.people();
    const seen: ReadonlyMap<string, readonly DeviceLocation[]>[] = [];
    // At least once, for the canary, and with the canary each time: all may be lost between two.
    for (let i = 0; i === 0 || i < people.length; i += AT_ONCE) {
      if (i > 0) await setImmediate();
      const uids = people.slice(i, i + AT_ONCE).map(({ uid }) => uid);
      const found = await locations.find([own.canaryUid, ...uids]);
      seen.push(found);
      if (!found.has(own.canaryUid)) believedFrom = clock() + ANNOUNCING_MS;
    }
    await own.keep(seen.at(-1)!);
    // Nobody is said to have gone because the place was emptied where one looks.
    if (clock() < believedFrom) return;
    for (const [index, found] of seen.entries()) {
      const batch = people.slice(index * AT_ONCE, (index + 1) * AT_ONCE);
      watch.tell(table.update(batch, found));
    }
  }

  function run(work: () => Promise<void>): void {
    looking ??= work()
      .catch((error: unknown) => log.warn({ err: error }, 'the device locations do not answer'))
      .finally(() => {
        looking = undefined;
      });
  }

  const timer = setInterval(run, LOOK_MS, look);
  run(() => own.keep(new Map()));
  return {
    async close() {
      clearInterval(timer);
      await looking;
      await own.close().catch((error: unknown) => log.debug({ err: error }, 'the canary stays'));
    },
  };
}
