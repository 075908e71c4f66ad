import { expect, test } from 'vitest';
import { AuthService } from '../gen/im/auth/v1/auth_service_pb.ts';
import { ChatService } from '../gen/im/chat/v1/chat_service_pb.ts';
import { FriendService } from '../gen/im/friend/v1/friend_service_pb.ts';
import { GatewayService } from '../gen/im/gateway/v1/gateway_service_pb.ts';
import { UserService } from '../gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '../gen/im/ws/v1/delivery_service_pb.ts';
import { SERVICE_NAMES } from '../service/names.ts';
import { accessOf, checkAccess } from './access.ts';
import type { Caller } from './context.ts';
import { methodName } from './method-name.ts';
import { serviceOf } from './service-of.ts';

const CONTRACTS = [AuthService, ChatService, DeliveryService, FriendService, GatewayService, UserService];

/** Of the server API; an API key has some of them. */
const SCOPES = ['users', 'tokens', 'messages', 'groups', 'keys'];

test('a method that states nothing is refused to everybody', () => {
  const callers: Caller[] = [
    { kind: 'nobody' },
    { kind: 'user', uid: '1', sessionId: 's', gateway: 'api-gateway' },
    { kind: 'apiKey', keyId: 'k', scopes: ['', ...SCOPES], gateway: 'api-gateway' },
    ...SERVICE_NAMES.map((service): Caller => ({ kind: 'service', service })),
  ];
  for (const caller of callers)
    expect(() => checkAccess(undefined, caller)).toThrow(
      expect.objectContaining({ reason: 'ACCESS_DENIED' }),
    );
});

test('every method of every contract states who may call it, and names only what exists', () => {
  for (const contract of CONTRACTS) {
    expect(SERVICE_NAMES).toContain(serviceOf(contract));
    for (const method of contract.methods) {
      const access = accessOf(method);
      expect(access, methodName(method)).toBeDefined();
      const { public: open, user, apiKey, services } = access!;
      expect(open || user || apiKey !== '' || services.length > 0, methodName(method)).toBe(true);
      if (apiKey !== '') expect(SCOPES, methodName(method)).toContain(apiKey);
      for (const service of services) expect(SERVICE_NAMES, methodName(method)).toContain(service);
    }
  }
});

test('a contract that nobody serves is a mistake', () => {
  expect(() => serviceOf({ typeName: 'im.none.v1.NoneService' } as never)).toThrow(/no service serves/);
});
