import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import type { DeviceLocation, DeviceLocations } from './device-locations.ts';

/**
 * What every implementation of DeviceLocations promises. `open` gives an empty
 * one, which asks `isAlive` about gateways, and how to let go of it.
 */
export function deviceLocationsConformance(
  name: string,
  open: (
    isAlive: (gatewayBootId: string) => boolean,
  ) => Promise<{ locations: DeviceLocations; close(): Promise<void> }>,
): void {
  describe(`device locations: ${name}`, () => {
    let locations: DeviceLocations;
    let close: () => Promise<void>;

    let dead: Set<string>;

    beforeEach(async () => {
      dead = new Set();
      ({ locations, close } = await open((gatewayBootId) => !dead.has(gatewayBootId)));
    });
    afterEach(() => close());

    test('a location is found by its user until it is removed', async () => {
      const phone = location('1', 'phone');
      await locations.add(phone);
      expect(await locations.find(['1'])).toEqual(new Map([['1', [phone]]]));
      await locations.remove(phone);
      expect(await locations.find(['1'])).toEqual(new Map());
    });

    test('each connection of a user is found, each once', async () => {
      const phone = location('1', 'phone');
      const tablet = location('1', 'tablet', 'other-gateway');
      await locations.add(phone);
      await locations.add(tablet);
      await locations.add(phone);
      const found = await locations.find(['1']);
      expect([...found.get('1')!].sort(byConnection)).toEqual([phone, tablet]);
      await locations.remove(phone);
      expect(await locations.find(['1'])).toEqual(new Map([['1', [tablet]]]));
    });

    test('only those asked for are answered, and those without a connection have no key', async () => {
      await locations.add(location('1', 'a'));
      await locations.add(location('2', 'b'));
      expect([...(await locations.find(['2', '3'])).keys()]).toEqual(['2']);
      expect((await locations.find([])).size).toBe(0);
    });

    test('a gateway removes only what is its own', async () => {
      const mine = location('1', 'a', 'mine');
      await locations.add(mine);
      await locations.remove({ ...mine, gatewayBootId: 'another' });
      expect(await locations.find(['1'])).toEqual(new Map([['1', [mine]]]));
    });

    test('what a gateway left behind that is no longer alive is not found', async () => {
      const left = location('1', 'a', 'killed');
      const there = location('1', 'b', 'its-next-life');
      await locations.add(left);
      await locations.add(there);
      await locations.add(location('2', 'c', 'killed'));
      dead.add('killed');
      expect(await locations.find(['1', '2'])).toEqual(new Map([['1', [there]]]));
    });

    test('removing what is not there is harmless', async () => {
      await locations.remove(location('1', 'a'));
      expect(await locations.find(['1'])).toEqual(new Map());
    });

    test('an answer does not change afterwards', async () => {
      await locations.add(location('1', 'a'));
      const found = await locations.find(['1']);
      await locations.add(location('1', 'b'));
      expect(found.get('1')).toHaveLength(1);
    });
  });
}

function location(uid: string, connectionId: string, gatewayBootId = 'gateway'): DeviceLocation {
  return {
    uid,
    connectionId,
    gatewayBootId,
    sessionId: `session of ${connectionId}`,
    platform: Platform_Value.IOS,
  };
}

function byConnection(a: DeviceLocation, b: DeviceLocation): number {
  return a.connectionId < b.connectionId ? -1 : 1;
}
