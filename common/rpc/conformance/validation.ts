import type { MessageInitShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { type LoginRequestSchema, UserService } from '../../gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '../../gen/im/ws/v1/delivery_service_pb.ts';
import type { TestNetwork } from './network.ts';

/** How a request that breaks a rule of its contract is refused. */
export function testValidation(net: () => TestNetwork): void {
  test('a broken rule is INVALID_FIELD with the path of the field, and never reaches the handler', async () => {
    let served = 0;
    await net().serve(UserService, {
      login: async () => {
        served++;
        return {};
      },
      batchGetUsers: async () => {
        served++;
        return {};
      },
    });
    const users = net().client(UserService, 'chat-service');
    const login = (device: MessageInitShape<typeof LoginRequestSchema>['device']) =>
      users.login({ username: 'ann', password: 'x', device }).catch((error) => error);
    expect(await login(undefined)).toMatchObject({
      reason: 'INVALID_FIELD',
      status: 'INVALID_ARGUMENT',
      message: 'device is required',
      metadata: { field: 'device' },
    });
    expect((await login({ deviceId: 'd' })).metadata.field).toBe('device.platform');
    expect((await login({ platform: 1 })).metadata.field).toBe('device.deviceId');
    await expect(users.batchGetUsers({ uids: ['1', '2', '3', 'x'] })).rejects.toMatchObject({
      metadata: { field: 'uids[3]' },
    });
    expect(served).toBe(0);
  });

  test('callers who may not call do not learn what a good request looks like', async () => {
    await net().serve(UserService, { getUser: async () => ({}) });
    await expect(net().clientWithToken(UserService, '').getUser({ uid: 'x' })).rejects.toMatchObject({
      reason: 'SIGN_IN_REQUIRED',
    });
  });

  test('each request of a stream is checked', async () => {
    const taken: number[] = [];
    await net().serve(DeliveryService, {
      async *deliver(requests) {
        for await (const { number } of requests) {
          taken.push(number);
          yield { number };
        }
      },
    });
    const answers: number[] = [];
    const broken = async () => {
      const chat = net().client(DeliveryService, 'chat-service');
      for await (const { number } of chat.deliver(
        (async function* () {
          yield { number: 1 };
          yield { number: 0 };
          yield { number: 3 };
        })(),
      ))
        answers.push(number);
    };
    await expect(broken()).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      metadata: { field: 'number' },
    });
    expect([taken, answers]).toEqual([[1], [1]]);
  });
}
