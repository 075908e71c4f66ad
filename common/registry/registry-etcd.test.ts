import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { pino } from 'pino';
import { Registry as Metrics } from 'prom-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { startTcpProxy, type TcpProxy } from '../testing/tcp-proxy.ts';
import type { Registry } from './registry.ts';
import { becomes, testRegistryConformance } from './registry-conformance.ts';
import { createEtcdRegistry, type EtcdRegistryOptions } from './registry-etcd.ts';

const addresses = stackAddresses();
const log = pino({ level: 'silent' });
const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);

const one = { address: '127.0.0.1:4001', bootId: 'boot-1' };
const two = { address: '127.0.0.1:4002', bootId: 'boot-2' };

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.skipIf(addresses === undefined)('registry in etcd', () => {
  const { etcdHosts } = addresses ?? { etcdHosts: '' };

  /** A prefix of this test's own, and a client to look behind the registry with. */
  function space(): { keyPrefix: string; etcd: Etcd3; keys(): Promise<Record<string, string>> } {
    const keyPrefix = `test-${randomUUID()}/`;
    const etcd = new Etcd3({ hosts: etcdHosts.split(',') });
    undo.push(async () => {
      await etcd.delete().prefix(keyPrefix);
      etcd.close();
    });
    const keys = async () => {
      const all = await etcd.getAll().prefix(keyPrefix).strings();
      return Object.fromEntries(
        Object.entries(all).map(([key, value]) => [key.slice(keyPrefix.length), value]),
      );
    };
    return { keyPrefix, etcd, keys };
  }

  function open(keyPrefix: string, more: Partial<EtcdRegistryOptions> = {}): Registry {
    const registry = createEtcdRegistry({
      hosts: etcdHosts.split(','),
      log,
      metrics: new Metrics(),
      keyPrefix,
      ...more,
    });
    undo.push(() => registry.close());
    return registry;
  }

  async function proxy(): Promise<TcpProxy> {
    const started = await startTcpProxy(etcdHosts.split(',')[0]!);
    undo.push(() => started.close());
    return started;
  }

  const readAge = async (metrics: Metrics) =>
    (await metrics.getSingleMetric('im_registry_read_age_seconds')!.get()).values[0]!.value;

  testRegistryConformance('etcd', async () => {
    const { keyPrefix } = space();
    return {
      open: () => open(keyPrefix),
      close: async () => {
        for (const step of undo.splice(0).reverse()) await step();
      },
    };
  });

  test('keys and values are as go-zero writes them, the boot id beside them under the same lease', async () => {
    const { keyPrefix, etcd, keys } = space();
    const registration = await open(keyPrefix).register('user-service', one);
    const stored = await keys();
    const [boot, address] = Object.keys(stored).sort();
    expect(boot).toBe('user.rpc.boot/boot-1');
    // go-zero: fmt.Sprintf("%s/%d", key, leaseId)
    expect(address).toMatch(/^user\.rpc\/[1-9]\d*$/);
    expect(Object.values(stored)).toEqual([one.address, one.address]);
    const leaseId = address!.split('/')[1]!;
    for (const key of [boot, address]) {
      const { kvs } = await etcd.get(`${keyPrefix}${key}`).exec();
      expect(kvs[0]!.lease).toBe(leaseId);
    }
    const { grantedTTL } = await etcd.leaseClient.leaseTimeToLive({ ID: leaseId });
    expect(grantedTTL).toBe('10');
    // What go-zero's subscribers read.
    expect(Object.values(await etcd.getAll().prefix(`${keyPrefix}user.rpc/`).strings())).toEqual([
      one.address,
    ]);
    await registration.revoke();
    expect(await keys()).toEqual({});
  });

  test('every service has its key, api-gateway none', async () => {
    const { keyPrefix, keys } = space();
    const registry = open(keyPrefix);
    const services = [
      'user-service',
      'auth-service',
      'friend-service',
      'group-service',
      'chat-service',
    ] as const;
    for (const service of [...services, 'ws-gateway', 'api-gateway'] as const)
      await registry.register(service, { ...one, bootId: undefined });
    expect(Object.keys(await keys()).map((key) => key.split('/')[0])).toEqual([
      'auth.rpc',
      'chat.rpc',
      'friend.rpc',
      'group.rpc',
      'user.rpc',
      'ws.rpc',
    ]);
    expect(registry.follow('api-gateway').current()).toEqual([]);
  });

  test('a go-zero service is found, without a boot id', async () => {
    const { keyPrefix, etcd } = space();
    const list = open(keyPrefix).follow('user-service');
    const lease = etcd.lease(10);
    undo.push(() => lease.revoke());
    await lease.put(`${keyPrefix}user.rpc/${await lease.grant()}`).value('10.1.2.3:8080');
    await becomes(list, [{ address: '10.1.2.3:8080', bootId: undefined }]);
  });

  test('watch: a change is learnt without reading again', async () => {
    const { keyPrefix } = space();
    const list = open(keyPrefix, { rereadMs: 3_600_000 }).follow('user-service');
    await list.known();
    const registration = await open(keyPrefix).register('user-service', one);
    await becomes(list, [one]);
    await registration.revoke();
    await becomes(list, []);
  });

  test('watch from that revision: what changes between the read and the watch is not missed', async () => {
    const { keyPrefix, etcd } = space();
    // Many followers against constant changes: each read is followed by a change.
    let last = '';
    for (let i = 0; i < 20; i += 1) {
      const list = open(keyPrefix, { rereadMs: 3_600_000 }).follow('user-service');
      last = `10.0.0.${i}:80`;
      await Promise.all([list.known(), etcd.put(`${keyPrefix}user.rpc/1`).value(last)]);
      await becomes(list, [{ address: last, bootId: undefined }]);
    }
  });

  test('a key deleted by hand is put back', async () => {
    const { keyPrefix, etcd, keys } = space();
    const metrics = new Metrics();
    await open(keyPrefix, { metrics }).register('user-service', one);
    const before = await keys();
    await etcd.delete().prefix(keyPrefix);
    await vi.waitFor(async () => expect(await keys()).toEqual(before), { timeout: 10_000 });
    expect((await metrics.getSingleMetric('im_registry_put_back_total')!.get()).values).toMatchObject([
      { value: 1, labels: { service: 'user-service' } },
    ]);
  });

  test('a key that somebody gave another value, or no lease, is put right', async () => {
    const { keyPrefix, etcd, keys } = space();
    await open(keyPrefix).register('user-service', one);
    const before = await keys();
    const [leaseId] = Object.keys(before).flatMap((key) => key.match(/^user\.rpc\/(\d+)$/)?.[1] ?? []);
    for (const key of Object.keys(before))
      await etcd
        .put(keyPrefix + key)
        .value('10.9.9.9:1')
        .lease(leaseId!);
    await vi.waitFor(async () => expect(await keys()).toEqual(before), { timeout: 10_000 });
    for (const [key, value] of Object.entries(before)) await etcd.put(keyPrefix + key).value(value);
    await vi.waitFor(
      async () => {
        const { kvs } = await etcd.get(`${keyPrefix}user.rpc/${leaseId}`).exec();
        expect(kvs[0]?.lease).toBe(leaseId);
      },
      { timeout: 10_000 },
    );
  });

  test('a lease lost while alive is granted again', async () => {
    const { keyPrefix, etcd, keys } = space();
    await open(keyPrefix).register('user-service', one);
    const [, before] = Object.keys(await keys()).sort();
    await etcd.leaseClient.leaseRevoke({ ID: before!.split('/')[1]! });
    const list = open(keyPrefix).follow('user-service');
    await becomes(list, [one]);
    const [, after] = Object.keys(await keys()).sort();
    expect(after).not.toBe(before);
  });

  test('an instance that lives stays, longer than a lease lasts', async () => {
    const { keyPrefix } = space();
    await open(keyPrefix).register('user-service', one);
    const list = open(keyPrefix).follow('user-service');
    await becomes(list, [one]);
    const changed = vi.fn();
    list.onChange(changed);
    const until = performance.now() + 12_000;
    await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(until), {
      timeout: 20_000,
      interval: 200,
    });
    expect(changed).not.toHaveBeenCalled();
    expect(list.current()).toEqual([one]);
  });

  test('a process killed with SIGKILL is gone within 12 s', async () => {
    const { keyPrefix } = space();
    const list = open(keyPrefix).follow('user-service');
    const child = await run('register-and-hang.ts', etcdHosts, keyPrefix, one.address, one.bootId);
    await becomes(list, [one]);
    const killedAt = performance.now();
    child.kill('SIGKILL');
    await becomes(list, []);
    expect(performance.now() - killedAt).toBeLessThan(12_000);
  });

  test('of two processes at one address the newer counts', async () => {
    const { keyPrefix } = space();
    const list = open(keyPrefix).follow('user-service');
    const older = await open(keyPrefix).register('user-service', { ...one, bootId: 'older' });
    const newer = await open(keyPrefix).register('user-service', { ...one, bootId: 'newer' });
    await becomes(list, [{ ...one, bootId: 'newer' }]);
    await older.revoke();
    await becomes(list, [{ ...one, bootId: 'newer' }]);
    await newer.revoke();
    await becomes(list, []);
  });

  describe('etcd away', () => {
    test.each(['cut', 'pause'] as const)(
      'the list stays while it is (%s), and what was missed is learnt',
      async (how) => {
        const { keyPrefix } = space();
        const between = await proxy();
        const far = open(keyPrefix);
        const gone = await far.register('user-service', one);
        await far.register('user-service', two);
        const metrics = new Metrics();
        const registry = open(keyPrefix, { hosts: [between.address], rereadMs: 200, metrics });
        const list = registry.follow('user-service');
        await becomes(list, [one, two]);
        between[how]();
        await expect(registry.reachable()).rejects.toThrow();
        await gone.revoke();
        // Longer than a read has: some have failed.
        await vi.waitFor(async () => expect(await readAge(metrics)).toBeGreaterThan(2.5), {
          timeout: 10_000,
        });
        expect(list.current()).toEqual([one, two]);
        between.restore();
        await becomes(list, [two]);
        await registry.reachable();
      },
    );

    test('a broken watch begins again by itself', async () => {
      const { keyPrefix } = space();
      const between = await proxy();
      const list = open(keyPrefix, { hosts: [between.address], rereadMs: 3_600_000 }).follow('user-service');
      await list.known();
      const far = open(keyPrefix);
      for (const instances of [[one], [one, two]]) {
        between.reset();
        await far.register('user-service', instances.at(-1)!);
        await becomes(list, instances);
      }
    });

    test('registering waits for it, and can be given up', async () => {
      const { keyPrefix, keys } = space();
      const between = await proxy();
      between.cut();
      const registry = open(keyPrefix, { hosts: [between.address] });
      const giveUp = new AbortController();
      const givenUp = registry.register('user-service', two, giveUp.signal);
      giveUp.abort(new Error('enough'));
      await expect(givenUp).rejects.toThrow('enough');
      const registering = registry.register('user-service', one);
      expect(await keys()).toEqual({});
      between.restore();
      await registering;
      expect(Object.values(await keys())).toEqual([one.address, one.address]);
    });

    test('every call has a deadline, and revoke does not even wait for that', async () => {
      const { keyPrefix } = space();
      const between = await proxy();
      const registry = open(keyPrefix, { hosts: [between.address] });
      const registration = await registry.register('user-service', one);
      between.pause();
      const askedAt = performance.now();
      const ended: string[] = [];
      await Promise.all([
        registry.reachable().catch(() => ended.push('reachable')),
        registration.revoke().then(() => ended.push('revoke')),
      ]);
      expect(ended).toEqual(['revoke', 'reachable']);
      // Without a deadline it would be the ping of the connection that ends it, after 8 s.
      expect(performance.now() - askedAt).toBeLessThan(6_000);
    });

    test('metrics tell how old the knowledge is', async () => {
      const { keyPrefix } = space();
      const between = await proxy();
      const metrics = new Metrics();
      await open(keyPrefix).register('user-service', one);
      const list = open(keyPrefix, { hosts: [between.address], rereadMs: 50, metrics }).follow(
        'user-service',
      );
      await becomes(list, [one]);
      const { values } = await metrics.getSingleMetric('im_registry_instances')!.get();
      expect(values).toMatchObject([{ value: 1, labels: { target: 'user-service' } }]);
      between.cut();
      await vi.waitFor(async () => expect(await readAge(metrics)).toBeGreaterThan(1), 10_000);
      between.restore();
      await vi.waitFor(async () => expect(await readAge(metrics)).toBeLessThan(1), 10_000);
    });
  });
});

test('an etcd that is not there neither keeps the process alive nor makes it spin', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const child = spawn(process.execPath, [fixture('use-dead-etcd.ts'), `127.0.0.1:${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  undo.push(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  expect(JSON.parse(output).cpuMs).toBeLessThan(1_000);
});

async function run(name: string, ...args: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [fixture(name), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  undo.push(() => child.kill('SIGKILL'));
  await once(child.stdout!, 'data');
  return child;
}
