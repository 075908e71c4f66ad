import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { FriendService } from '../gen/im/friend/v1/friend_service_pb.ts';
import { GatewayService } from '../gen/im/gateway/v1/gateway_service_pb.ts';
import { bindRpc } from '../rpc/types.ts';
import { startTestProcess, type TestProcess, type TestProcessOptions } from '../testing/test-process.ts';
import type { RunningService, ServiceHost, ServiceModule } from './module.ts';
import type { ServiceName } from './names.ts';

const config = z.strictObject({ version: z.string().default('1') });
const running: TestProcess[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop();
});

async function start(options: TestProcessOptions): Promise<TestProcess> {
  const started = await startTestProcess(options);
  running.push(started);
  return started;
}

// The smallest service there is: answers GetConfig with its version.
function gateway(
  make: (host: ServiceHost) => Partial<RunningService> = () => ({}),
): ServiceModule<typeof config> {
  return {
    name: 'api-gateway',
    config,
    create: async ({ version }, host) => ({
      rpc: [bindRpc(GatewayService, { getConfig: async () => ({ serverVersion: version }) })],
      stop: async () => {},
      ...make(host),
    }),
  };
}

function recording(name: ServiceName, events: string[], make: Partial<RunningService> = {}): ServiceModule {
  const note = (what: string) => async () => void events.push(`${what} ${name}`);
  return {
    name,
    config,
    async create() {
      await note('create')();
      return { rpc: [], start: note('start'), drain: note('drain'), stop: note('stop'), ...make };
    },
  };
}

test('a service is called over the network with its settings filled in', async () => {
  const process = await start({ modules: [[gateway(), {}]] });
  const client = process.client(GatewayService, 'api-gateway');
  expect((await client.getConfig({})).serverVersion).toBe('1');
});

test('a service that is not in the process is away', async () => {
  const process = await start({ modules: [[gateway(), {}]] });
  const call = process.client(FriendService, 'api-gateway').listFriends({});
  await expect(call).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
});

test('all are created, then all start; all drain, then stop in the reverse order, whatever order they are given in', async () => {
  const events: string[] = [];
  const names: ServiceName[] = ['ws-gateway', 'api-gateway', 'chat-service'];
  const process = await start({ modules: names.map((name) => [recording(name, events), {}] as const) });
  expect(events.splice(0)).toEqual([
    'create chat-service',
    'create api-gateway',
    'create ws-gateway',
    'start chat-service',
    'start api-gateway',
    'start ws-gateway',
  ]);
  await process.stop();
  expect(events.slice(0, 3).sort()).toEqual(['drain api-gateway', 'drain chat-service', 'drain ws-gateway']);
  expect(events.slice(3)).toEqual(['stop ws-gateway', 'stop api-gateway', 'stop chat-service']);
});

test('when a service cannot start, those that were made are stopped and the error is told', async () => {
  const events: string[] = [];
  const broken = recording('ws-gateway', events, {
    start: async () => {
      throw new Error('the port is taken');
    },
  });
  const modules = [[recording('chat-service', events), {}] as const, [broken, {}] as const];
  await expect(startTestProcess({ modules })).rejects.toThrow('the port is taken');
  expect(events.slice(-2)).toEqual(['stop ws-gateway', 'stop chat-service']);
});

test('readiness says in words what each service is missing', async () => {
  let missing: string | undefined = 'no revoked sessions yet';
  const process = await start({ modules: [[gateway(() => ({ notReady: () => missing })), {}]] });
  expect(process.notReady()).toEqual(['api-gateway: no revoked sessions yet']);
  const ready = process.ready();
  missing = undefined;
  await ready;
  await process.stop();
  expect(process.notReady()).toEqual(['the process is stopping']);
});

test('databases are files of their service and outlive a restart; clients too', async () => {
  let opened = 0;
  const module: ServiceModule<typeof config> = {
    name: 'api-gateway',
    config,
    async create(_, host) {
      await host.openDatabase({});
      opened++;
      return gateway().create({ version: String(opened) }, host);
    },
  };
  const process = await start({ modules: [[module, {}]] });
  const client = process.client(GatewayService, 'api-gateway');
  const before = process.kit;
  expect(existsSync(join(process.dataDir, 'api-gateway.db'))).toBe(true);
  await process.restart();
  expect((await client.getConfig({})).serverVersion).toBe('2');
  expect(process.kit.bootId).not.toBe(before.bootId);
  expect(process.kit.serviceKeys).toBe(before.serviceKeys);
});

test('a wrong setting names the service and the key', async () => {
  const wrong = startTestProcess({ modules: [[gateway(), { verson: '2' }]] });
  await expect(wrong).rejects.toThrow('api-gateway: verson: unknown key, did you mean version?');
});
