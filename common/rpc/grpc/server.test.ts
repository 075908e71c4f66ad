import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { createChannel, createClient } from 'nice-grpc';
import { HealthDefinition } from 'nice-grpc-server-health';
import { ServerReflectionService } from 'nice-grpc-server-reflection';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ImError } from '../../errors/im-error.ts';
import { ErrorInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../gen/google/rpc/status_pb.ts';
import {
  type GetUserRequest,
  GetUserRequestSchema,
  UserService,
} from '../../gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '../../gen/im/ws/v1/delivery_service_pb.ts';
import { eventually } from '../../testing/eventually.ts';
import { createTestNetwork, type TestNetwork } from '../conformance/network.ts';
import { MAX_MESSAGE_BYTES } from './options.ts';
import { createGrpcServer } from './server.ts';
import { createGrpcCluster, type GrpcCluster } from './testing/grpc-cluster.ts';

const log = pino({ level: 'silent' });

let ready = true;
let cluster: GrpcCluster;
let net: TestNetwork;

beforeEach(async () => {
  ready = true;
  cluster = createGrpcCluster({ server: { isReady: () => ready } });
  net = await createTestNetwork(async () => cluster);
});
afterEach(async () => {
  await net.close();
});

const address = () => `127.0.0.1:${cluster.servers[0]!.port}`;

/** Calls GetUser as a client would that has nothing of ours but the contract. */
async function plainGetUser(bytes: Uint8Array, token?: string): Promise<ServiceError | undefined> {
  const client = new Client(address(), credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('im-service-token', token);
  const asIs = (value: Uint8Array) => Buffer.from(value);
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest('/im.user.v1.UserService/GetUser', asIs, asIs, bytes, metadata, (error) =>
        resolve(error ?? undefined),
      );
    });
  } finally {
    client.close();
  }
}

function detailsOf(error: ServiceError | undefined) {
  const [bytes] = error?.metadata.get('grpc-status-details-bin') ?? [];
  const details = fromBinary(StatusSchema, bytes as Buffer);
  return { ...details, info: anyUnpack(details.details[0]!, ErrorInfoSchema) };
}

const REQUEST = toBinary(GetUserRequestSchema, create(GetUserRequestSchema, { uid: '7' }));

test('a gRPC client without our code finds code, message and ErrorInfo', async () => {
  await net.serve(UserService, {
    getUser: async () => {
      throw new ImError('USER_NOT_FOUND', 'there is no such user: 阿宝', { uid: '7' });
    },
  });
  const error = await plainGetUser(REQUEST, await net.token('chat-service', 'user-service'));
  expect(error).toMatchObject({ code: status.NOT_FOUND, details: 'there is no such user: 阿宝' });
  expect(detailsOf(error)).toMatchObject({
    code: status.NOT_FOUND,
    message: 'there is no such user: 阿宝',
    info: { reason: 'USER_NOT_FOUND', domain: 'im', metadata: { uid: '7' } },
  });
});

test('without a service token a call is refused, with one of another release of the contract it is served', async () => {
  const seen: GetUserRequest[] = [];
  await net.serve(UserService, {
    getUser: async (request) => {
      seen.push(request);
      return {};
    },
  });
  const refused = await plainGetUser(REQUEST);
  expect(refused?.code).toBe(status.UNAUTHENTICATED);
  expect(detailsOf(refused).info?.reason).toBe('SIGN_IN_REQUIRED');

  // Field 1000, which this release does not know.
  const newer = Buffer.concat([REQUEST, Buffer.from([0xc2, 0x3e, 0x01, 0x61])]);
  expect(await plainGetUser(newer, await net.token('chat-service', 'user-service'))).toBeUndefined();
  expect(seen).toHaveLength(1);
  expect(seen[0]!.$unknown).toBeUndefined();
});

test('bytes that are no message are the mistake of the caller', async () => {
  await net.serve(UserService, { getUser: async () => ({}) });
  const error = await plainGetUser(Buffer.from([0xff]), await net.token('chat-service', 'user-service'));
  expect(error?.code).toBe(status.INVALID_ARGUMENT);
  expect(detailsOf(error).info?.reason).toBe('MALFORMED_BODY');
});

test('health says without a token whether the process and its services are ready', async () => {
  await net.serve(UserService, {});
  const channel = createChannel(address());
  const health = createClient(HealthDefinition, channel);
  const ask = (service: string) => health.check({ service }).then(({ status }) => status);
  expect(await ask('')).toBe(1);
  expect(await ask('im.user.v1.UserService')).toBe(1);
  await expect(ask('im.chat.v1.ChatService')).rejects.toMatchObject({ code: status.NOT_FOUND });
  const watched: number[] = [];
  const watching = (async () => {
    for await (const { status } of health.watch({ service: '' })) watched.push(status);
  })();
  await eventually(() => expect(watched).toEqual([1]));
  ready = false;
  expect(await ask('')).toBe(2);
  await vi.waitFor(() => expect(watched).toEqual([1, 2]), { timeout: 5_000 });
  // A watcher does not keep the server from closing, and learns of it.
  await cluster.servers[0]!.close();
  await watching;
  channel.close();
});

test('reflection lists what is served, and describes it, without a token', async () => {
  await net.serve(UserService, {});
  const channel = createChannel(address());
  const reflection = createClient(ServerReflectionService, channel);
  const { ServerReflectionRequest } = await import(
    // The package has no export for the messages of its contract.
    'nice-grpc-server-reflection/lib/proto/grpc/reflection/v1/reflection_pb.js'
  );
  async function* questions() {
    yield new ServerReflectionRequest().setListServices('');
    yield new ServerReflectionRequest().setFileContainingSymbol('im.user.v1.UserService');
    yield new ServerReflectionRequest().setFileByFilename('google/protobuf/descriptor.proto');
  }
  const answers = [];
  for await (const answer of reflection.serverReflectionInfo(questions())) answers.push(answer.toObject());
  expect(answers[0]!.listServicesResponse?.serviceList).toEqual([{ name: 'im.user.v1.UserService' }]);
  const files = answers.slice(1).map((answer) => answer.fileDescriptorResponse?.fileDescriptorProtoList[0]);
  const names = files.map(
    (file) => fromBinary(FileDescriptorProtoSchema, Buffer.from(String(file), 'base64')).name,
  );
  expect(names).toEqual(['im/user/v1/user_service.proto', 'google/protobuf/descriptor.proto']);
  channel.close();
});

test('a process that has taken over an address refuses calls for the one before', async () => {
  let served = 0;
  const getUser = async () => {
    served++;
    return {};
  };
  await net.serve(UserService, { getUser }, { instance: 'boot-new' });
  await cluster.announce('user-service', {
    address: `localhost:${cluster.servers[0]!.port}`,
    bootId: 'boot-old',
  });
  const users = net.client(UserService, 'chat-service');
  await expect(users.getUser({ uid: '7' }, { instance: 'boot-old' })).rejects.toMatchObject({
    reason: 'SERVICE_AWAY',
  });
  expect(served).toBe(0);
  await users.getUser({ uid: '7' }, { instance: 'boot-new' });
  expect(served).toBe(1);
});

test('a service that is not served where it was expected is SERVICE_AWAY', async () => {
  await net.serve(UserService, {});
  await cluster.announce('ws-gateway', { address: address(), bootId: undefined });
  const deliver = async () => {
    const answers = net.client(DeliveryService, 'chat-service').deliver((async function* () {})());
    for await (const _ of answers);
  };
  await expect(deliver()).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
});

test('a message that is too large says so, whoever sends it', async () => {
  const large = 'x'.repeat(MAX_MESSAGE_BYTES);
  await net.serve(UserService, {
    getUser: async () => ({ user: { nickname: large } }),
    batchGetUsers: async () => ({ users: [{ nickname: large.slice(0, MAX_MESSAGE_BYTES - 100) }] }),
  });
  const users = net.client(UserService, 'chat-service');
  const tooLarge = { reason: 'TOO_LARGE', message: expect.stringContaining(String(MAX_MESSAGE_BYTES)) };
  await expect(users.getUser({ uid: large })).rejects.toMatchObject(tooLarge);
  await expect(users.getUser({ uid: '7' })).rejects.toMatchObject(tooLarge);
  // Just below it passes.
  const { users: found } = await users.batchGetUsers({}, { timeoutMs: 10_000 });
  expect(found[0]!.nickname).toHaveLength(MAX_MESSAGE_BYTES - 100);
  // A client that does not look at the size itself is refused by the server.
  const error = await plainGetUser(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
  expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
});

test('what no header can hold arrives as it was', async () => {
  const seen: string[] = [];
  await net.serve(UserService, {
    getUser: async (_, ctx) => {
      seen.push(ctx.clientAddress);
      return {};
    },
  });
  const users = net.client(UserService, 'api-gateway');
  const speakFor = { kind: 'user', uid: '7', sessionId: 's' } as const;
  const addresses = ['fe80::1%eth0', 'höst 東京', ' spaces ', 'a, b', 'line\nbreak'];
  for (const clientAddress of addresses) await users.getUser({ uid: '7' }, { speakFor, clientAddress });
  expect(seen).toEqual(addresses);
});

test('a service is added once, and a port in use is an error', async () => {
  const server = await net.serve(UserService, {});
  expect(() => cluster.servers[0]!.add(server)).toThrow(/already/);
  const { port } = cluster.servers[0]!;
  await expect(createGrpcServer({ host: '127.0.0.1', port, bootId: 'b', log })).rejects.toThrow(/EADDRINUSE/);
});
