import { expect, test } from 'vitest';
import { ImError } from '../../errors/im-error.ts';
import { GroupService } from '../../gen/im/group/v1/group_service_pb.ts';
import { UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import type { TestNetwork } from './network.ts';

/** How failures reach the caller. */
export function testErrors(net: () => TestNetwork): void {
  test('an error crosses as data', async () => {
    const metadata = { scope: 'a', retryAfterMs: '5' };
    const thrown = new ImError('RATE_LIMITED', 'too many calls', metadata);
    await net().serve(UserService, {
      getUser: async () => {
        throw thrown;
      },
    });
    const error = await net()
      .client(UserService, 'chat-service')
      .getUser({ uid: '1' })
      .catch((error) => error);
    expect(error).toBeInstanceOf(ImError);
    expect(error).not.toBe(thrown);
    expect(error).toMatchObject({
      reason: 'RATE_LIMITED',
      status: 'RESOURCE_EXHAUSTED',
      message: 'too many calls',
      metadata: { scope: 'a', retryAfterMs: '5' },
    });
    error.metadata.scope = 'b';
    expect(metadata.scope).toBe('a');
  });

  test('an unforeseen error says nothing to the caller and everything to the log', async () => {
    await net().serve(UserService, {
      getUser: async () => {
        throw Object.assign(new Error('password of the store is hunter2'), { query: 'SELECT' });
      },
      batchGetUsers: () => {
        throw 'hunter2';
      },
    });
    const users = net().client(UserService, 'chat-service');
    const error = await users.getUser({ uid: '1' }, { requestId: 'r-9' }).catch((error) => error);
    expect(error).toMatchObject({ reason: 'INTERNAL_ERROR', message: 'internal error', metadata: {} });
    expect(`${JSON.stringify(error)}${error.stack}${error.cause}`).not.toContain('hunter2');
    expect(net().logged.find((line) => line.level === 50)).toMatchObject({
      requestId: 'r-9',
      method: 'im.user.v1.UserService/GetUser',
      err: { message: 'password of the store is hunter2', stack: expect.stringContaining('errors.ts') },
    });
    await expect(users.batchGetUsers({})).rejects.toMatchObject({ message: 'internal error' });
  });

  test('a request that does not fit its contract is a mistake of the caller, who is told', async () => {
    let served = 0;
    await net().serve(UserService, {
      listUsers: async () => {
        served++;
        return {};
      },
    });
    const users = net().client(UserService, 'api-gateway');
    const speakFor = { kind: 'user', uid: '1', sessionId: 's' } as const;
    await expect(users.listUsers({ pageSize: -1 }, { speakFor })).rejects.toThrow(/-1/);
    expect(served).toBe(0);
  });

  test('an answer that does not fit its contract is an internal error, and logged', async () => {
    await net().serve(GroupService, {
      getGroup: async () => ({ group: { groupId: '1', memberCount: -1 } }),
    });
    const groups = net().client(GroupService, 'api-gateway');
    const speakFor = { kind: 'user', uid: '1', sessionId: 's' } as const;
    await expect(groups.getGroup({ groupId: '1' }, { speakFor })).rejects.toMatchObject({
      reason: 'INTERNAL_ERROR',
      message: 'internal error',
    });
    expect(net().logged.find((line) => line.level === 50)).toMatchObject({
      err: { message: expect.stringMatching(/uint32.*-1/) },
    });
  });

  test('an aborted operation is CALL_CANCELLED', async () => {
    await net().serve(UserService, {
      getUser: async () => {
        throw new DOMException('aborted', 'AbortError');
      },
    });
    await expect(net().client(UserService, 'chat-service').getUser({ uid: '1' })).rejects.toMatchObject({
      reason: 'CALL_CANCELLED',
      status: 'CANCELLED',
    });
  });
}
