import { expect, test } from 'vitest';
import { ImError } from '../../errors/im-error.ts';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import type { CallContext } from '../context.ts';
import type { TestNetwork } from './network.ts';
import { never, signalled } from './promise.ts';

/** What a single call promises. */
export function testUnary(net: () => TestNetwork): void {
  test('a call reaches the handler and its answer the caller', async () => {
    await net().serve(UserService, {
      getUser: async ({ uid }) => ({ user: { uid, nickname: 'Ann' } }),
    });
    const users = net().client(UserService, 'chat-service');
    expect((await users.getUser({ uid: '7' })).user).toMatchObject({ uid: '7', nickname: 'Ann' });
  });

  test('neither side sees what the other does to its objects', async () => {
    let kept: { uids: string[] } | undefined;
    const held = { users: [{ uid: '1', nickname: 'before' }] };
    await net().serve(UserService, {
      batchGetUsers: async (request) => {
        kept = request;
        request.uids.push('9');
        return held;
      },
    });
    const users = net().client(UserService, 'chat-service');
    const request = { uids: ['1', '2'] };
    const answer = await users.batchGetUsers(request);
    expect(request.uids).toEqual(['1', '2']);
    request.uids.length = 0;
    expect(kept?.uids).toEqual(['1', '2', '9']);
    answer.users[0]!.nickname = 'after';
    answer.users.push(answer.users[0]!);
    expect(held).toEqual({ users: [{ uid: '1', nickname: 'before' }] });
    expect((await users.batchGetUsers(request)).users.map((user) => user.nickname)).toEqual(['before']);
  });

  test('request id and client address come with the call and are inherited', async () => {
    const seen: [string, string][] = [];
    await net().serve(UserService, {
      getUser: async (_, ctx) => {
        seen.push([ctx.requestId, ctx.clientAddress]);
        await users.batchGetUsers({}, { within: ctx });
        return {};
      },
      batchGetUsers: async (_, ctx) => {
        seen.push([ctx.requestId, ctx.clientAddress]);
        return {};
      },
    });
    const users = net().client(UserService, 'chat-service');
    await users.getUser({ uid: '1' }, { requestId: 'r-1', clientAddress: '192.0.2.1' });
    expect(seen).toEqual([
      ['r-1', '192.0.2.1'],
      ['r-1', '192.0.2.1'],
    ]);
  });

  test('a call that names no request gets an id, and so does one whose id is unfit for a log', async () => {
    const ids: string[] = [];
    await net().serve(UserService, {
      getUser: async (_, ctx) => {
        ids.push(ctx.requestId);
        return {};
      },
    });
    const users = net().client(UserService, 'chat-service');
    await users.getUser({ uid: '1' });
    await users.getUser({ uid: '1' }, { requestId: 'two words' });
    await users.getUser({ uid: '1' }, { requestId: 'x'.repeat(129) });
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a service that is not there is SERVICE_AWAY, a method that is not served NOT_IMPLEMENTED', async () => {
    const users = net().client(UserService, 'chat-service');
    await expect(users.getUser({ uid: '1' })).rejects.toMatchObject({
      reason: 'SERVICE_AWAY',
      status: 'UNAVAILABLE',
    });
    await net().serve(UserService, {});
    await expect(users.getUser({ uid: '1' })).rejects.toMatchObject({ reason: 'NOT_IMPLEMENTED' });
  });

  test('a call for one instance goes to no other', async () => {
    await net().serve(UserService, { getUser: async () => ({ user: { uid: 'a' } }) }, { instance: 'boot-a' });
    await net().serve(UserService, { getUser: async () => ({ user: { uid: 'b' } }) }, { instance: 'boot-b' });
    const users = net().client(UserService, 'chat-service');
    const ask = async (instance: string) => (await users.getUser({ uid: '1' }, { instance })).user?.uid;
    expect([await ask('boot-a'), await ask('boot-b')]).toEqual(['a', 'b']);
    await expect(ask('boot-c')).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  });

  test('a server that stops lets calls finish in their time of grace and ends the others', async () => {
    const began = [signalled(), signalled()] as const;
    const go = signalled();
    const contexts: CallContext[] = [];
    const server = await net().serve(UserService, {
      getUser: async (_, ctx) => {
        contexts.push(ctx);
        began[0].fire();
        await go.promise;
        return {};
      },
      batchGetUsers: async () => {
        began[1].fire();
        return await never();
      },
    });
    const users = net().client(UserService, 'chat-service');
    const finishes = users.getUser({ uid: '1' });
    const hangs = expect(users.batchGetUsers({})).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
    await Promise.all(began.map(({ promise }) => promise));
    const stopped = server.stop(500);
    await expect(users.getUser({ uid: '1' })).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
    go.fire();
    await finishes;
    await hangs;
    await stopped;
    expect(contexts).toHaveLength(1);
  });

  test('calls are counted by method and code on both sides, and slow ones are logged', async () => {
    await net().serve(
      UserService,
      {
        getUser: async ({ uid }) => {
          if (uid === '2') throw new ImError('USER_NOT_FOUND', 'there is no such user');
          return {};
        },
      },
      { slowCallMs: 0 },
    );
    const users = net().client(UserService, 'chat-service');
    await users.getUser({ uid: '1' });
    await expect(users.getUser({ uid: '2' })).rejects.toThrow();
    await expect(users.getUser({ uid: 'x' })).rejects.toThrow();
    const text = await net().metrics.metrics();
    for (const side of ['server', 'client'])
      for (const code of ['OK', 'NOT_FOUND', 'INVALID_ARGUMENT'])
        expect(text).toContain(
          `rpc_${side}_duration_seconds_count{method="im.user.v1.UserService/GetUser",code="${code}"} 1`,
        );
    expect(net().logged.filter((line) => line.msg === 'a slow call')[0]).toMatchObject({
      level: 40,
      method: 'im.user.v1.UserService/GetUser',
      caller: 'chat-service',
      code: 'OK',
    });
  });
}
