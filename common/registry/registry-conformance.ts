import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Instance, InstanceList, Registry } from './registry.ts';

/** A place where registries find each other's entries. */
export interface RegistryPlace {
  /** Another process's view of the place; of an adapter for one process, the same one. */
  open(): Registry;
  close(): Promise<void>;
}

const first: Instance = { address: '127.0.0.1:4001', bootId: 'boot-1' };
const second: Instance = { address: '127.0.0.1:4002', bootId: 'boot-2' };

/** What a registry promises, whichever way it is kept. */
export function testRegistryConformance(name: string, makePlace: () => Promise<RegistryPlace>): void {
  describe(`registry: ${name}`, () => {
    let place: RegistryPlace;
    let near: Registry;
    let far: Registry;
    beforeEach(async () => {
      place = await makePlace();
      near = place.open();
      far = place.open();
    });
    afterEach(() => place.close());

    test('an instance is found once register resolves, also by who asks later, and not after revoke', async () => {
      const early = far.follow('user-service');
      const registration = await near.register('user-service', first);
      await becomes(early, [first]);
      expect(far.follow('user-service')).toBe(early);
      const late = near.follow('user-service');
      await late.known();
      expect(late.current()).toEqual([first]);
      await registration.revoke();
      await becomes(early, []);
      await becomes(late, []);
    });

    test('several instances of a service, each under its own boot id, sorted by address', async () => {
      const list = far.follow('chat-service');
      const registrations = [
        await near.register('chat-service', second),
        await far.register('chat-service', first),
      ];
      await becomes(list, [first, second]);
      await registrations[0]!.revoke();
      await becomes(list, [first]);
    });

    test('services do not see each other', async () => {
      await near.register('user-service', first);
      await near.register('auth-service', second);
      await becomes(far.follow('user-service'), [first]);
      await becomes(far.follow('auth-service'), [second]);
      const others = far.follow('group-service');
      await others.known();
      expect(others.current()).toEqual([]);
    });

    test('an instance that says no boot id has none', async () => {
      const silent = { address: '127.0.0.1:4003', bootId: undefined };
      await near.register('friend-service', silent);
      await becomes(far.follow('friend-service'), [silent]);
    });

    test('listeners hear of changes until they stop, and the array stays the same until then', async () => {
      const list = far.follow('ws-gateway');
      await list.known();
      const heard = vi.fn();
      const stop = list.onChange(heard);
      const before = list.current();
      expect(list.current()).toBe(before);
      const registration = await near.register('ws-gateway', first);
      await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), { timeout: 10_000 });
      stop();
      await registration.revoke();
      await becomes(list, []);
      expect(heard).toHaveBeenCalledTimes(1);
    });

    test('to revoke twice is to revoke once', async () => {
      const registration = await near.register('user-service', first);
      const other = await near.register('user-service', second);
      await Promise.all([registration.revoke(), registration.revoke()]);
      await becomes(far.follow('user-service'), [second]);
      await other.revoke();
    });

    test('an aborted registration leaves nothing', async () => {
      const reason = new Error('not wanted any more');
      await expect(near.register('user-service', first, AbortSignal.abort(reason))).rejects.toBe(reason);
      const list = far.follow('user-service');
      await list.known();
      expect(list.current()).toEqual([]);
    });

    test('it says that it can be reached', async () => {
      await expect(near.reachable()).resolves.toBeUndefined();
    });
  });
}

/** Waits until a list shows exactly these. */
export async function becomes(list: InstanceList, instances: readonly Instance[]): Promise<void> {
  await vi.waitFor(() => expect(list.current()).toEqual(instances), { timeout: 20_000, interval: 20 });
}
