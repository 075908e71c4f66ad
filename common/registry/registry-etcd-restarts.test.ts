import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { pino } from 'pino';
import { Registry as Metrics } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findProgram } from '../testing/stack/programs.ts';
import { type StackServer, startServer } from '../testing/stack/start-server.ts';
import type { Instance, InstanceList, Registry } from './registry.ts';
import { becomes } from './registry-conformance.ts';
import { createEtcdRegistry } from './registry-etcd.ts';

const log = pino({ level: 'silent' });
const one = { address: '127.0.0.1:4001', bootId: 'boot-1' };
const two = { address: '127.0.0.1:4002', bootId: 'boot-2' };

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

// With an etcd of the test's own, because it is killed, emptied and paused.
describe.skipIf(findProgram('etcd') === undefined)('an etcd that restarts', () => {
  let server: StackServer;
  let etcd: Etcd3;
  beforeAll(async () => {
    server = await startServer('etcd');
    etcd = new Etcd3({ hosts: server.address });
  });
  afterAll(async () => {
    etcd.close();
    await server.stop();
  });

  function open(): Registry {
    const registry = createEtcdRegistry({ hosts: [server.address], log, metrics: new Metrics() });
    undo.push(() => registry.close());
    return registry;
  }

  const addresses = async () => Object.values(await etcd.getAll().prefix('user.rpc/').strings()).sort();

  test('with its data: nothing changes for those who follow, who then learn again what changes', async () => {
    const far = open();
    await far.register('user-service', one);
    const list = open().follow('user-service');
    await becomes(list, [one]);
    const shown = record(list);
    await server.restart('SIGKILL');
    const registration = await far.register('user-service', two);
    await becomes(list, [one, two]);
    await registration.revoke();
    await becomes(list, [one]);
    expect(shown).toEqual([[one, two], [one]]);
    expect(await addresses()).toEqual([one.address]);
  });

  test('empty: instances are registered again, and callers never see a shorter list', async () => {
    const far = open();
    await far.register('user-service', one);
    await far.register('user-service', two);
    // So that its revision is ahead of what comes after, as in any etcd that has been of use.
    for (let i = 0; i < 20; i += 1) await etcd.put('something-else').value(i);
    const list = open().follow('user-service');
    await becomes(list, [one, two]);
    const shown = record(list);
    await server.kill();
    await rm(join(server.dir, 'data'), { recursive: true });
    await server.restart();
    await vi.waitFor(async () => expect(await addresses()).toEqual([one.address, two.address]), {
      timeout: 20_000,
    });
    expect(shown).toEqual([]);
    // And the watch follows the new data.
    const registration = await far.register('user-service', { address: '127.0.0.1:4003', bootId: 'boot-3' });
    await vi.waitFor(() => expect(list.current()).toHaveLength(3), { timeout: 10_000 });
    await registration.revoke();
  });

  test('empty, and an instance that died meanwhile: it is dropped once the others had time to be back', async () => {
    const dying = open();
    await dying.register('user-service', two);
    await open().register('user-service', one);
    for (let i = 0; i < 20; i += 1) await etcd.put('something-else').value(i);
    const list = open().follow('user-service');
    await becomes(list, [one, two]);
    await server.kill();
    await dying.close();
    await rm(join(server.dir, 'data'), { recursive: true });
    await server.restart();
    await becomes(list, [one]);
    expect(await addresses()).toEqual([one.address]);
  }, 60_000);

  test('paused longer than a lease: the list stays, also while the instances come back', async () => {
    await open().register('user-service', one);
    const list = open().follow('user-service');
    await becomes(list, [one]);
    const shown = record(list);
    await server.pause();
    const until = performance.now() + 14_000;
    await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until), {
      timeout: 30_000,
      interval: 200,
    });
    server.resume();
    await vi.waitFor(async () => expect(await addresses()).toEqual([one.address]), { timeout: 20_000 });
    // Back for good: its lease is renewed again, whichever it is by now.
    const settled = performance.now() + 4_000;
    await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(settled), {
      timeout: 30_000,
      interval: 200,
    });
    expect(await addresses()).toEqual([one.address]);
    expect(shown).toEqual([]);
  }, 90_000);
});

/** Everything that a list shows from here on. */
function record(list: InstanceList): (readonly Instance[])[] {
  const shown: (readonly Instance[])[] = [];
  list.onChange(() => shown.push(list.current()));
  return shown;
}
