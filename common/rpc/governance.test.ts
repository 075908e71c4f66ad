import { create } from '@bufbuild/protobuf';
import { createChannel, createClient } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, test, vi } from 'vitest';
import { ImError, type Reason } from '../errors/im-error.ts';
import { ChatService } from '../gen/im/chat/v1/chat_service_pb.ts';
import { Platform_Value } from '../gen/im/session/v1/session_pb.ts';
import {
  type GetUserResponse,
  GetUserResponseSchema,
  UserService,
} from '../gen/im/user/v1/user_service_pb.ts';
import { generateServiceKeys, publicServiceKeys } from '../identity/service-keys.ts';
import { createServiceTokenIssuer, createServiceTokenVerifier } from '../identity/service-tokens.ts';
import { SERVICE_NAMES, type ServiceName } from '../service/names.ts';
import { eventually } from '../testing/eventually.ts';
import { createRpcClient } from './client.ts';
import { createGrpcServer } from './grpc/server.ts';
import { createLocalNetwork } from './local-network.ts';
import { createRpcServer, type RpcServer } from './server.ts';
import { serviceOf } from './service-of.ts';
import type { Transport } from './transport.ts';
import type { AnyService, RpcHandlers } from './types.ts';

const log = pino({ level: 'silent' });
const USER = { uid: '1' };
const LOGIN = {
  username: 'somebody',
  password: 'long-enough',
  device: { deviceId: 'd', platform: Platform_Value.WEB },
};
const answer = (): GetUserResponse => create(GetUserResponseSchema, {});

/** Hosts of a test, each a network by itself, and a transport that takes them in order, as a balancer might. */
function world() {
  const keys = generateServiceKeys(SERVICE_NAMES);
  const hosts = new Map<string, Transport>();
  const metrics = new Registry();
  const asked: string[] = [];

  function serve<S extends AnyService>(
    contract: S,
    address: string,
    handlers: Partial<RpcHandlers<S>>,
    loopLoad = () => 0,
  ): RpcServer {
    const service = serviceOf(contract);
    const server = createRpcServer({
      service,
      bindings: [{ service: contract, handlers: handlers as Record<string, unknown> }],
      tokens: createServiceTokenVerifier({
        service,
        publicKeysByService: publicServiceKeys(keys),
        now: Date.now,
      }),
      log,
      metrics,
      loopLoad,
    });
    const network = createLocalNetwork();
    network.add(server, address);
    hosts.set(address, network.transport);
    return server;
  }

  const transport: Transport = {
    unary(method, request, call) {
      const avoided = call.avoid ?? [];
      const address = [...hosts.keys()].find((one) => !avoided.includes(one)) ?? [...hosts.keys()][0];
      if (address === undefined) throw new ImError('SERVICE_AWAY', 'nobody there');
      asked.push(address);
      // A local network has none to tell.
      if (!made.hideAddresses) call.chosen?.(address);
      return hosts.get(address)!.unary(method, request, call);
    },
    bidi(method, requests, call) {
      return [...hosts.values()][0]!.bidi(method, requests, call);
    },
  };
  const issuer = (service: ServiceName) =>
    createServiceTokenIssuer({ service, privateKey: keys[service].privateKey, now: Date.now });

  const made = {
    hideAddresses: false,
    asked,
    hosts,
    serve,
    users: (address: string, getUser: () => Promise<GetUserResponse>, loopLoad?: () => number) =>
      serve(UserService, address, { getUser, batchGetUsers: getUser as never }, loopLoad),
    client: <S extends AnyService>(contract: S, as: ServiceName = 'chat-service') =>
      createRpcClient(contract, { transport, tokens: issuer(as), metrics }),
    async count(name: string): Promise<number> {
      const { values } = await metrics.getSingleMetric(name)!.get();
      return values.reduce((sum, { value }) => sum + value, 0);
    },
  };
  return made;
}

const refusing = (reason: Reason) => async (): Promise<GetUserResponse> => {
  throw new ImError(reason, 'no');
};

/** Reasons of `times` calls one after another; OK where they succeed. */
async function reasons(times: number, call: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  for (let i = 0; i < times; i += 1)
    seen.push(
      await call().then(
        () => 'OK',
        (error) => (error as ImError).reason,
      ),
    );
  return seen;
}

describe('retry', () => {
  test('an idempotent call goes to another host when one is away, and counts once', async () => {
    const w = world();
    w.users('a', refusing('SERVICE_AWAY'));
    w.users('b', refusing('OVERLOADED'));
    w.users('c', async () => answer());
    await w.client(UserService).getUser(USER);
    expect(w.asked).toEqual(['a', 'b', 'c']);
    expect(await w.count('rpc_client_retries_total')).toBe(2);
  });

  test('at most 2 more', async () => {
    const w = world();
    for (const address of ['a', 'b', 'c', 'd']) w.users(address, refusing('SERVICE_AWAY'));
    await expect(w.client(UserService).getUser(USER)).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
    expect(w.asked).toEqual(['a', 'b', 'c']);
  });

  test('where there is but one host it is asked once more at most', async () => {
    const w = world();
    w.users('a', refusing('SERVICE_AWAY'));
    await expect(w.client(UserService).getUser(USER)).rejects.toThrow();
    expect(w.asked).toEqual(['a', 'a']);
  });

  test('in the one process nothing is asked again', async () => {
    const w = world();
    const getUser = vi.fn(refusing('SERVICE_AWAY'));
    w.users('a', getUser);
    w.hideAddresses = true;
    await expect(w.client(UserService).getUser(USER)).rejects.toThrow();
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  test.each(['INTERNAL_ERROR', 'DEADLINE_PASSED', 'USER_NOT_FOUND', 'RATE_LIMITED'] as const)(
    'only UNAVAILABLE, not %s',
    async (reason) => {
      const w = world();
      w.users('a', refusing(reason));
      w.users('b', async () => answer());
      await expect(w.client(UserService).getUser(USER)).rejects.toMatchObject({ reason });
      expect(w.asked).toEqual(['a']);
    },
  );

  test('not a method whose proto does not say that it may be repeated', async () => {
    const w = world();
    const login = vi.fn(async () => {
      throw new ImError('SERVICE_AWAY', 'no');
    });
    w.serve(UserService, 'a', { login });
    w.serve(UserService, 'b', { login });
    const users = w.client(UserService, 'api-gateway');
    await expect(users.login(LOGIN)).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
    expect(login).toHaveBeenCalledTimes(1);
    expect(w.asked).toEqual(['a']);
  });

  test('all tries share the deadline of the call', async () => {
    const w = world();
    const timeouts: number[] = [];
    const hang = async (): Promise<GetUserResponse> => {
      await vi.waitFor(() => expect(performance.now()).toBeGreaterThan(startedAt + 150), { interval: 10 });
      throw new ImError('SERVICE_AWAY', 'no');
    };
    w.users('a', hang);
    w.serve(UserService, 'b', {
      getUser: async (_request, ctx) => {
        timeouts.push(ctx.deadlineAt - performance.now());
        return answer();
      },
    });
    const startedAt = performance.now();
    await w.client(UserService).getUser(USER, { timeoutMs: 1_000 });
    expect(timeouts).toHaveLength(1);
    expect(timeouts[0]).toBeLessThan(851);
  });
});

describe('breaker', () => {
  test('it opens for a method that fails, leaves others alone, and says when to try again', async () => {
    const w = world();
    const broken = vi.fn(refusing('INTERNAL_ERROR'));
    w.serve(UserService, 'a', { getUser: broken, batchGetUsers: async () => ({ users: [] }) });
    const users = w.client(UserService);
    const seen = await reasons(200, () => users.getUser(USER));
    expect(seen.slice(0, 6)).toEqual(Array(6).fill('INTERNAL_ERROR'));
    expect(broken.mock.calls.length).toBeLessThan(100);
    const refused = seen.filter((reason) => reason === 'SERVICE_AWAY').length;
    expect(refused).toBe(200 - broken.mock.calls.length);
    expect(await w.count('rpc_client_breaker_refusals_total')).toBe(refused);
    expect(await w.count('rpc_client_breaker_open')).toBe(1);
    await vi.waitFor(
      async () => {
        const error = (await users.getUser(USER).catch((thrown) => thrown)) as ImError;
        expect(error).toMatchObject({ status: 'UNAVAILABLE', metadata: { retryAfterMs: '1000' } });
      },
      { interval: 1 },
    );
    expect(await reasons(20, () => users.batchGetUsers({ uids: ['1'] }))).toEqual(Array(20).fill('OK'));
  });

  test('it lets a probe through and closes when the method works again', async () => {
    const w = world();
    let broken = true;
    w.users('a', async () => {
      if (broken) throw new ImError('STORE_AWAY', 'no');
      return answer();
    });
    const users = w.client(UserService);
    await reasons(30, () => users.getUser(USER));
    broken = false;
    await vi.waitFor(
      async () => {
        await reasons(10, () => users.getUser(USER));
        expect(await w.count('rpc_client_breaker_open')).toBe(0);
      },
      { timeout: 25_000, interval: 50 },
    );
    expect(await reasons(20, () => users.getUser(USER))).toEqual(Array(20).fill('OK'));
  });

  test.each(['RATE_LIMITED', 'USER_NOT_FOUND', 'ACCESS_DENIED'] as const)(
    "%s is the caller's own affair and opens nothing",
    async (reason) => {
      const w = world();
      w.users('a', refusing(reason));
      const users = w.client(UserService);
      expect(await reasons(100, () => users.getUser(USER))).toEqual(Array(100).fill(reason));
    },
  );

  test('nor does a target that nobody runs, so that it can be called as soon as it is there', async () => {
    const w = world();
    const users = w.client(UserService);
    expect(await reasons(100, () => users.getUser(USER))).toEqual(Array(100).fill('SERVICE_AWAY'));
    w.users('a', async () => answer());
    expect(await reasons(20, () => users.getUser(USER))).toEqual(Array(20).fill('OK'));
  });

  test('nor a caller that gives nobody the time to answer', async () => {
    const w = world();
    let hang = true;
    w.users('a', () => (hang ? new Promise(() => {}) : Promise.resolve(answer())));
    const users = w.client(UserService);
    expect(await reasons(30, () => users.getUser(USER, { timeoutMs: 5 }))).toEqual(
      Array(30).fill('DEADLINE_PASSED'),
    );
    hang = false;
    expect(await reasons(20, () => users.getUser(USER))).toEqual(Array(20).fill('OK'));
  });

  test('items of a send stream never feed it', async () => {
    const w = world();
    w.serve(ChatService, 'a', {
      sendStream: async function* (): AsyncGenerator<never> {
        yield* [];
        throw new ImError('STORE_AWAY', 'no');
      },
    });
    const chat = w.client(ChatService, 'ws-gateway');
    const open = async () => {
      for await (const _ of chat.sendStream((async function* () {})()));
    };
    const seen = await reasons(50, open);
    expect(seen).toEqual(Array(50).fill('STORE_AWAY'));
    expect(await w.count('rpc_client_breaker_refusals_total')).toBe(0);
  });
});

describe('shed load', () => {
  test('an overloaded server answers UNAVAILABLE, OVERLOADED, with the time to wait, and counts it', async () => {
    const w = world();
    const release = Promise.withResolvers<void>();
    const login = () => release.promise.then(() => ({}));
    w.serve(UserService, 'a', { login }, () => 0.95);
    // Nobody makes this call again.
    const users = w.client(UserService, 'api-gateway');
    const calls = Array.from({ length: 150 }, () =>
      users.login(LOGIN).then(
        () => 'OK',
        (error) => error,
      ),
    );
    await eventually(async () => expect(await w.count('rpc_server_shed_total')).toBe(50));
    release.resolve();
    const results = await Promise.all(calls);
    expect(results.filter((result) => result === 'OK')).toHaveLength(100);
    expect(results.find((result) => result !== 'OK')).toMatchObject({
      reason: 'OVERLOADED',
      status: 'UNAVAILABLE',
      httpStatus: 503,
      metadata: { retryAfterMs: '1000' },
    });
  });

  test('what one server sheds another host takes', async () => {
    const w = world();
    const release = Promise.withResolvers<void>();
    w.users(
      'a',
      () => release.promise.then(answer),
      () => 0.95,
    );
    const b = vi.fn(async () => answer());
    w.users('b', b);
    const users = w.client(UserService);
    const calls = Array.from({ length: 150 }, () => users.getUser(USER));
    await eventually(() => expect(b).toHaveBeenCalledTimes(50));
    release.resolve();
    await Promise.all(calls);
  });

  test('streams are not shed', async () => {
    const w = world();
    const handler = vi.fn(async function* (): AsyncGenerator<never> {
      yield* [];
    });
    w.serve(ChatService, 'a', { sendStream: handler }, () => 1);
    const chat = w.client(ChatService, 'ws-gateway');
    const streams = Array.from({ length: 150 }, async () => {
      for await (const _ of chat.sendStream((async function* () {})()));
    });
    await Promise.all(streams);
    expect(handler).toHaveBeenCalledTimes(150);
    expect(await w.count('rpc_server_shed_total')).toBe(0);
  });

  test('health is exempt', async () => {
    const w = world();
    const release = Promise.withResolvers<void>();
    const server = w.users(
      'a',
      () => release.promise.then(answer),
      () => 1,
    );
    const grpc = await createGrpcServer({ host: '127.0.0.1', port: 0, bootId: 'a', log });
    const remove = grpc.add(server);
    const users = w.client(UserService);
    const calls = Array.from({ length: 150 }, () => users.getUser(USER).catch(() => {}));
    await eventually(async () => expect(await w.count('rpc_server_shed_total')).toBeGreaterThanOrEqual(50));
    const channel = createChannel(`127.0.0.1:${grpc.port}`);
    const { status } = await createClient(HealthDefinition, channel).check({ service: '' });
    expect(status).toBe(1);
    channel.close();
    release.resolve();
    await Promise.all(calls);
    remove();
    await grpc.close();
  });
});
