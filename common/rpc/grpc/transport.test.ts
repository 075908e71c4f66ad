import { createServer as createTcpServer, type Server } from 'node:net';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '../../gen/im/ws/v1/delivery_service_pb.ts';
import { createInstanceList } from '../../registry/instance-list.ts';
import type { Instance } from '../../registry/registry.ts';
import { eventually } from '../../testing/eventually.ts';
import { createRpcClient } from '../client.ts';
import { signalled } from '../conformance/promise.ts';
import type { Transport } from '../transport.ts';
import { type BalancedCall, type Balancer, type CallOutcome, createRoundRobin } from './balancer.ts';
import { createGrpcServer, type GrpcServer } from './server.ts';
import { namedServers } from './testing/named-servers.ts';
import { type Peer, startPeer } from './testing/peer.ts';
import { createGrpcTransport, type GrpcTransport, type GrpcTransportOptions } from './transport.ts';

const log = pino({ level: 'silent' });
const tokens = { token: () => 'any' };
/** Milliseconds; short, so that the tests are. */
const KEEPALIVE_MS = 300;

const peers: Peer[] = [];
const servers: GrpcServer[] = [];
const transports: GrpcTransport[] = [];
const tcpServers: Server[] = [];
let list = createInstanceList();

beforeEach(() => {
  list = createInstanceList();
});
afterEach(async () => {
  for (const transport of transports.splice(0)) transport.close();
  for (const server of tcpServers.splice(0)) server.close();
  await Promise.all(peers.splice(0).map((peer) => peer.kill()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Instances in processes of their own, which can be killed. */
async function startPeers(...names: string[]): Promise<Peer[]> {
  const started = await Promise.all(names.map((name) => startPeer(name)));
  peers.push(...started);
  list.set([...list.current(), ...started]);
  return started;
}

/** Instances in this process, which is faster. */
async function start(...names: string[]): Promise<Instance[]> {
  const started = await Promise.all(
    names.map(async (bootId) => {
      const server = await createGrpcServer({ host: '127.0.0.1', port: 0, bootId, log });
      servers.push(server);
      for (const named of namedServers(bootId)) server.add(named);
      return { address: `127.0.0.1:${server.port}`, bootId };
    }),
  );
  list.set([...list.current(), ...started]);
  return started;
}

function connect(options: Partial<GrpcTransportOptions> = {}): GrpcTransport {
  const discovery = { follow: () => list };
  const transport = createGrpcTransport({ discovery, log, keepaliveMs: KEEPALIVE_MS, ...options });
  transports.push(transport);
  return transport;
}

const usersOver = (transport: Transport) =>
  createRpcClient(UserService, { transport, tokens, metrics: new Registry() });
const deliveriesOver = (transport: Transport) =>
  createRpcClient(DeliveryService, { transport, tokens, metrics: new Registry() });

type Users = ReturnType<typeof usersOver>;

/** The name of the peer that answers. */
async function who(users: Users, options: { routeKey?: string; instance?: string } = {}): Promise<string> {
  return (await users.getUser({ uid: '7' }, options)).user!.nickname;
}

/** A call that is never answered. */
function hang(users: Users, instance?: string) {
  const request = { username: 'nobody', password: '12345678' };
  return users.createUser(request, { timeoutMs: 20_000, ...(instance === undefined ? {} : { instance }) });
}

test('calls take turns among the instances', async () => {
  await start('a', 'b', 'c');
  const users = usersOver(connect());
  const answers = [];
  for (let i = 0; i < 6; i++) answers.push(await who(users));
  expect(answers.slice(0, 3).toSorted()).toEqual(['a', 'b', 'c']);
  expect(answers.slice(3)).toEqual(answers.slice(0, 3));
});

test('what an instance had under way when it dies fails at once, and the others take the next calls', async () => {
  const [a] = await startPeers('a', 'b');
  const transport = connect();
  const users = usersOver(transport);
  const answers = deliveriesOver(transport)
    .deliver(
      (async function* () {
        yield { number: 1 };
        await new Promise(() => {});
      })(),
      { instance: 'a' },
    )
    [Symbol.asyncIterator]();
  expect((await answers.next()).value).toMatchObject({ number: 1 });
  const away = { reason: 'SERVICE_AWAY', status: 'UNAVAILABLE' };
  const stream = expect(answers.next()).rejects.toMatchObject(away);
  const call = expect(hang(users, 'a')).rejects.toMatchObject(away);
  await who(users, { instance: 'a' });
  await a!.kill();
  await stream;
  await call;
  // It is still in the list, as in a registry that has not noticed.
  for (let i = 0; i < 6; i++) expect(await who(users)).toBe('b');
  await expect(who(users, { instance: 'a' })).rejects.toMatchObject(away);
});

test('an instance that comes back at its address is found again', async () => {
  const [a] = await startPeers('a');
  const users = usersOver(connect());
  expect(await who(users)).toBe('a');
  await a!.kill();
  await eventually(() => expect(who(users)).rejects.toMatchObject({ reason: 'SERVICE_AWAY' }));
  peers.push(await startPeer('a2', a!.port));
  await vi.waitFor(async () => expect(await who(users)).toBe('a2'), { timeout: 10_000 });
});

test('a peer that is paused is noticed, its calls fail and others take the next ones', async () => {
  const [a] = await startPeers('a', 'b');
  const users = usersOver(connect());
  expect(await who(users, { instance: 'a' })).toBe('a');
  const call = hang(users, 'a');
  call.catch(() => {});
  expect(await who(users, { instance: 'a' })).toBe('a');
  a!.signal('SIGSTOP');
  await expect(call).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  for (let i = 0; i < 6; i++) expect(await who(users)).toBe('b');
  a!.signal('SIGCONT');
  await vi.waitFor(async () => expect(await who(users, { instance: 'a' })).toBe('a'), { timeout: 15_000 });
});

test('a route keeps to one instance, moves when it dies, and only then', async () => {
  const [a, ...others] = await start('a', 'b', 'c');
  const users = usersOver(connect());
  // Not a multiple of the instances, so that taking turns does not look like keeping to one.
  const routes = Array.from({ length: 11 }, (_, route) => String(route));
  const homes = async () =>
    new Map(
      await Promise.all(
        routes.map(async (routeKey) => [routeKey, await who(users, { routeKey })] as [string, string]),
      ),
    );
  const before = await homes();
  expect(new Set(before.values()).size).toBeGreaterThan(1);
  expect(await homes()).toEqual(before);
  // Another process finds the same.
  const elsewhere = usersOver(connect());
  for (const routeKey of routes) expect(await who(elsewhere, { routeKey })).toBe(before.get(routeKey));

  await servers[0]!.close();
  const after = await homes();
  for (const [route, home] of before)
    if (home === a!.bootId) expect(others.map(({ bootId }) => bootId)).toContain(after.get(route));
    else expect(after.get(route)).toBe(home);
});

test('an address that accepts and says nothing keeps its first calls waiting, and no others', async () => {
  const silent = createTcpServer(() => {});
  tcpServers.push(silent);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  await start('b');
  list.set([...list.current(), { address: `127.0.0.1:${port}`, bootId: 'silent' }]);
  const warnings: string[] = [];
  const users = usersOver(
    connect({ log: pino({ level: 'warn' }, { write: (line: string) => warnings.push(line) }) }),
  );
  for (let i = 0; i < 24; i++) expect(await who(users)).toBe('b');
  await expect(who(users, { instance: 'silent' })).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  // Each call that waits for it in vain says so.
  expect(warnings).toHaveLength(1);
});

test('a call that had an instance before goes to another where there is one', async () => {
  await start('a', 'b');
  const transport = connect();
  const method = UserService.method.getUser;
  const chosen: string[] = [];
  const call = (avoid: readonly string[]) =>
    transport.unary(method, { $typeName: method.input.typeName, uid: '7' } as never, {
      target: 'user-service',
      instance: undefined,
      routeKey: 'r',
      avoid,
      chosen: (address) => chosen.push(address),
      metadata: { 'im-service-token': 'any' },
      signal: AbortSignal.timeout(10_000),
    });
  await call([]);
  await call(chosen.slice());
  await call(chosen.slice());
  expect(new Set(chosen.slice(0, 2)).size).toBe(2);
  // Nobody is left, so the first choice it is.
  expect(chosen[2]).toBe(chosen[0]);
});

test('instances that left the list finish what they have and get nothing new', async () => {
  const [a, b] = await start('a', 'b');
  const forgotten: string[] = [];
  const balancer: Balancer = { ...createRoundRobin(), forget: (address) => forgotten.push(address) };
  const transport = connect({ balancer });
  const users = usersOver(transport);
  const requests = signalled();
  const answers = deliveriesOver(transport)
    .deliver(
      (async function* () {
        yield { number: 1 };
        await requests.promise;
        yield { number: 2 };
      })(),
      { instance: 'a' },
    )
    [Symbol.asyncIterator]();
  await answers.next();
  list.set([b!]);
  expect(forgotten).toEqual([a!.address]);
  for (let i = 0; i < 4; i++) expect(await who(users)).toBe('b');
  requests.fire();
  expect((await answers.next()).value).toMatchObject({ number: 2 });
  expect((await answers.next()).done).toBe(true);
});

test('where it is not known yet who is there, a call waits; where nobody is, it fails at once', async () => {
  await start('a');
  const [a] = list.current();
  list = createInstanceList();
  const users = usersOver(connect());
  const early = who(users);
  list.set([a!]);
  expect(await early).toBe('a');
  list.set([]);
  await expect(who(users)).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
});

test('the balancer learns how unary calls come out, also those it did not choose for', async () => {
  const [a] = await start('a');
  const told: [string, Instance, BalancedCall, CallOutcome?][] = [];
  const balancer: Balancer = {
    ...createRoundRobin(),
    started: (instance, call) => told.push(['started', instance, call]),
    finished: (instance, call, outcome) => told.push(['finished', instance, call, outcome]),
  };
  const transport = connect({ balancer });
  const users = usersOver(transport);
  await who(users);
  await expect(users.login({ username: 'x' })).rejects.toThrow();
  const request = { username: 'nobody', password: '12345678' };
  await expect(users.createUser(request, { timeoutMs: 100, instance: 'a' })).rejects.toThrow();
  for await (const _ of deliveriesOver(transport).deliver((async function* () {})()));
  await eventually(() => expect(told).toHaveLength(6));
  expect(told.map(([what, , { method }, outcome]) => [what, method.split('/')[1], outcome?.code])).toEqual([
    ['started', 'GetUser', undefined],
    ['finished', 'GetUser', 'OK'],
    ['started', 'Login', undefined],
    ['finished', 'Login', 'UNIMPLEMENTED'],
    ['started', 'CreateUser', undefined],
    ['finished', 'CreateUser', 'DEADLINE_EXCEEDED'],
  ]);
  expect(told.every(([, instance]) => instance.address === a!.address)).toBe(true);
  expect(told[5]![3]!.durationMs).toBeGreaterThan(50);
});

test('closing ends what is under way, and nothing can be called after', async () => {
  await start('a');
  const transport = connect();
  const users = usersOver(transport);
  const call = hang(users);
  call.catch(() => {});
  await who(users);
  transport.close();
  await expect(call).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  await expect(who(users)).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
});
