import { AuthService, type BatchGetLastSeenRequest } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { Platform_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { createMemoryDeviceLocations } from '@im/common/presence/device-locations-memory.ts';
import { bindRpc, type RpcHandlers } from '@im/common/rpc/types.ts';
import type { AnyModule } from '@im/common/service/module-with-config.ts';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { refusal } from '../testing/refusal.ts';

const { WEB, IOS } = Platform_Value;

let chat: Chat;
afterEach(() => chat.stop());

async function query(uid: string, uids: readonly string[]) {
  const speakFor = { kind: 'user', uid, sessionId: 's' } as const;
  return (await chat.client('api-gateway').queryPresence({ uids: [...uids] }, { speakFor })).presence;
}

/** The uids that the answer is about. */
async function shown(uid: string, uids: readonly string[]): Promise<string[]> {
  return (await query(uid, uids)).map((presence) => presence.uid);
}

function connect(uid: string, platform: Platform_Value, connectionId = `of ${uid} on ${platform}`) {
  const location = { uid, platform, connectionId, gatewayBootId: 'gateway', sessionId: 's' };
  return chat.process.kit.locations.add(location);
}

test('friends and oneself are shown, each once and in the order asked; strangers are left out', async () => {
  chat = await startChat();
  await chat.openAccount('1', '2', '3', '4');
  await chat.befriend('1', '2');
  await chat.befriend('3', '1');
  expect(await shown('1', ['3', '4', '99', '1', '2', '3'])).toEqual(['3', '1', '2']);
  expect(await shown('4', ['1', '2'])).toEqual([]);
  expect(await shown('1', [])).toEqual([]);
  await chat.unfriend('1', '2');
  expect(await shown('1', ['2', '3'])).toEqual(['3']);
  expect(await shown('2', ['1'])).toEqual([]);
});

test('fellows of a group are shown while both are members of it', async () => {
  chat = await startChat();
  const group = await chat.makeGroup('7', ['1', '2', '3']);
  await chat.makeGroup('8', ['4', '5']);
  expect(await shown('1', ['2', '3', '4', '5'])).toEqual(['2', '3']);

  await chat.removeMembers(group, ['2']);
  expect(await shown('1', ['2', '3'])).toEqual(['3']);
  expect(await shown('2', ['1', '3'])).toEqual([]);
  await chat.addMembers(group, ['2']);
  expect(await shown('2', ['1', '3'])).toEqual(['1', '3']);

  await chat.append('group-service', group, { case: 'dismissGroup', value: {} });
  expect(await shown('1', ['2', '3'])).toEqual([]);
});

test('fellows are found in any of many groups', async () => {
  chat = await startChat();
  const uids = Array.from({ length: 120 }, (_, i) => `${i + 2}`);
  for (const [i, uid] of uids.entries()) await chat.makeGroup(`${i + 1}`, ['1', uid]);
  expect(await shown('1', [...uids, '900'])).toEqual(uids);
});

test('somebody one has only written with is shown where anyone may write to anyone', async () => {
  chat = await startChat({ settings: { directMessages: 'anyone' } });
  await chat.openAccount('1', '2', '3');
  expect(await shown('1', ['2', '3'])).toEqual([]);
  await chat.user('2').send('u:1', 'hello');
  expect(await shown('1', ['2', '3'])).toEqual(['2']);
  expect(await shown('2', ['1'])).toEqual(['1']);
});

test('where only friends may write, former friends are strangers', async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
  const direct = await chat.befriend('1', '2');
  await chat.user('1').send(direct, 'hello');
  await chat.unfriend('1', '2');
  expect(await shown('1', ['2'])).toEqual([]);
});

test('a block does not show: nothing changes for either', async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
  await chat.befriend('1', '2');
  await connect('1', IOS);
  await connect('2', WEB);
  const before = [await query('1', ['2']), await query('2', ['1'])];
  await chat.setBlock('1', '2');
  expect([await query('1', ['2']), await query('2', ['1'])]).toEqual(before);
});

test('who has a device connected is online, on its platforms', async () => {
  chat = await startChat();
  await chat.openAccount('1', '2', '3');
  await chat.befriend('1', '2');
  await chat.befriend('1', '3');
  await connect('2', IOS, 'a');
  await connect('2', WEB, 'b');
  await connect('2', WEB, 'c');
  expect(await query('1', ['2', '3'])).toMatchObject([
    { uid: '2', online: true, platforms: [WEB, IOS] },
    { uid: '3', online: false, platforms: [] },
  ]);
});

test('of those who are offline it is told when they were last seen; while that cannot be known, without', async () => {
  const at = '2026-01-02T03:04:05.678Z';
  let asked: string[] = [];
  let isAway = false;
  const auth: AnyModule = {
    name: 'auth-service',
    config: z.strictObject({}),
    create: async () => ({
      rpc: [
        bindRpc(AuthService, {
          async batchGetLastSeen({ uids }: BatchGetLastSeenRequest) {
            asked = uids;
            if (isAway) throw new Error('as the test wants it');
            return { seen: [{ uid: '3', at }] };
          },
        } as unknown as RpcHandlers<typeof AuthService>),
      ],
      stop: async () => {},
    }),
  };
  chat = await startChat({ modules: [[auth, {}]] });
  await chat.openAccount('1', '2', '3', '4');
  for (const friend of ['2', '3', '4']) await chat.befriend('1', friend);
  await connect('2', IOS);
  const times = async () =>
    Object.fromEntries(
      (await query('1', ['2', '3', '4', '5'])).map(({ uid, lastSeenAt }) => [uid, lastSeenAt]),
    );
  expect(await times()).toEqual({ 2: undefined, 3: at, 4: undefined });
  // Nobody is asked about those who are not shown.
  expect(asked).toEqual(['3', '4']);
  isAway = true;
  expect(await times()).toEqual({ 2: undefined, 3: undefined, 4: undefined });
});

test('without the device locations nothing is claimed', async () => {
  const locations = createMemoryDeviceLocations();
  let isAway = false;
  chat = await startChat({
    locations: {
      ...locations,
      async find(uids) {
        if (isAway) throw new Error('as the test wants it');
        return locations.find(uids);
      },
    },
  });
  await chat.openAccount('1', '2');
  await chat.befriend('1', '2');
  isAway = true;
  expect(await refusal(query('1', ['2']))).toBe('STORE_AWAY');
});

test.each([
  ['more than 200', Array.from({ length: 201 }, (_, i) => `${i + 1}`)],
  ['something that is no uid', ['x']],
  ['the system', ['0']],
])('%s is refused', async (_name, uids) => {
  chat = await startChat();
  expect(await refusal(query('1', uids))).toBe('INVALID_FIELD');
});
