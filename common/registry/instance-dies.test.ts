import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { Etcd3 } from 'etcd3';
import { pino } from 'pino';
import { Registry as Metrics } from 'prom-client';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { UserService } from '../gen/im/user/v1/user_service_pb.ts';
import { createP2cBalancer } from '../resilience/p2c-balancer.ts';
import { createRpcClient } from '../rpc/client.ts';
import { createGrpcTransport } from '../rpc/grpc/transport.ts';
import { stackAddresses } from '../testing/stack-addresses.ts';
import { delay } from '../utils/wait.ts';
import { createEtcdRegistry } from './registry-etcd.ts';

const addresses = stackAddresses();
const CALLERS = 20;
/** Between the calls of a caller, in milliseconds: enough are under way at any moment, and the machine is not worn out. */
const PAUSE_MS = 10;

const undo: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Callers of users over gRPC, who find the instances in etcd; what they were answered and refused. */
function startCalling(hosts: string, keyPrefix: string) {
  const log = pino({ level: 'silent' });
  const metrics = new Metrics();
  const registry = createEtcdRegistry({ hosts: hosts.split(','), keyPrefix, log, metrics });
  const transport = createGrpcTransport({ discovery: registry, log, balancer: createP2cBalancer() });
  const tokens = { token: () => 'believed' };
  const users = createRpcClient(UserService, { transport, tokens, metrics });
  const answered = new Map<string, number>();
  const refused: unknown[] = [];
  let over = false;

  async function call(): Promise<void> {
    while (!over) {
      try {
        const { user } = await users.getUser({ uid: '1' });
        const name = user?.nickname ?? '';
        answered.set(name, (answered.get(name) ?? 0) + 1);
      } catch (error) {
        refused.push(error);
        if (refused.length > 1_000) return;
      }
      await delay(PAUSE_MS);
    }
  }
  const callers = Array.from({ length: CALLERS }, call);
  undo.push(async () => {
    over = true;
    await Promise.all(callers);
    transport.close();
    await registry.close();
  });
  return { answered, refused, list: registry.follow('user-service') };
}

describe.skipIf(addresses === undefined)('an instance that dies', () => {
  const hosts = addresses?.etcdHosts ?? '';

  async function instance(keyPrefix: string, bootId: string): Promise<ChildProcess> {
    const program = join(import.meta.dirname, 'fixtures/serve-users.ts');
    const child = spawn(process.execPath, [program, hosts, keyPrefix, bootId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    undo.push(() => child.kill('SIGKILL'));
    await once(child.stdout!, 'data');
    return child;
  }

  test('by SIGKILL: callers of idempotent methods see no failure, and its key is gone within 12 s', async () => {
    const keyPrefix = `test-${randomUUID()}/`;
    const etcd = new Etcd3({ hosts: hosts.split(',') });
    undo.push(() => etcd.close());
    const dying = await instance(keyPrefix, 'dying');
    await instance(keyPrefix, 'staying');
    const { answered, refused, list } = startCalling(hosts, keyPrefix);
    const answers = (name: string) => answered.get(name) ?? 0;
    await vi.waitFor(
      () => expect(Math.min(answers('dying'), answers('staying'))).toBeGreaterThan(100),
      20_000,
    );
    dying.kill('SIGKILL');
    const killedAt = performance.now();
    const before = answers('staying');
    await vi.waitFor(() => expect(answers('staying')).toBeGreaterThan(before + 200), { timeout: 10_000 });
    await vi.waitFor(() => expect(list.current()).toHaveLength(1), { timeout: 20_000 });
    expect(performance.now() - killedAt).toBeLessThan(12_000);
    expect(Object.keys(await etcd.getAll().prefix(keyPrefix).strings())).toHaveLength(2);
    expect(refused).toEqual([]);
  }, 60_000);

  test('and another that comes gets its share', async () => {
    const keyPrefix = `test-${randomUUID()}/`;
    await instance(keyPrefix, 'first');
    const { answered, refused } = startCalling(hosts, keyPrefix);
    await vi.waitFor(() => expect(answered.get('first') ?? 0).toBeGreaterThan(100), { timeout: 10_000 });
    await instance(keyPrefix, 'second');
    await vi.waitFor(() => expect(answered.get('second') ?? 0).toBeGreaterThan(100), { timeout: 10_000 });
    expect(refused).toEqual([]);
  });
});
