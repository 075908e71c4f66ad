import { randomUUID } from 'node:crypto';
import { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { FriendService } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { GatewayService } from '@im/common/gen/im/gateway/v1/gateway_service_pb.ts';
import { HistoryPolicy_Value, Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { UserService } from '@im/common/gen/im/user/v1/user_service_pb.ts';
import { DeliveryService } from '@im/common/gen/im/ws/v1/delivery_service_pb.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { random53 } from '@im/common/utils/random-id.ts';
import { type Row, row } from './row.ts';
import { PASSWORD, type World } from './world.ts';

const user = UserService.method;
const auth = AuthService.method;
const friend = FriendService.method;
const chat = ChatService.method;

/** What concerns nobody but the caller: everybody may, about themselves. */
const ANY_USER = { party: 'ok', another: 'ok' } as const;
/** To others the conversation does not exist. */
const MEMBERS = { party: 'ok', another: 'CONVERSATION_NOT_FOUND' } as const;

const text = (value: string) => ({ kind: { case: 'text', value: { text: value } } }) as const;
const named = () => `named-${randomUUID()}`;
const device = () => ({ deviceId: randomUUID(), platform: Platform_Value.BOT });
const ofVictim = ({ victim }: World) => ({ uid: victim });

/** Who may call which method, by its full name. A method without a row fails the test. */
export const ACCESS_TABLE: ReadonlyMap<string, Row> = new Map([
  row(GatewayService.method.getConfig, { public: true, request: () => ({}) }),

  // Accounts
  row(user.createUser, {
    public: true,
    request: () => ({ username: `u${random53()}`, password: PASSWORD }),
  }),
  row(user.login, {
    public: true,
    request: () => ({ username: 'ann', password: PASSWORD, device: device() }),
  }),
  row(user.getMe, { users: ANY_USER, request: () => ({}) }),
  row(user.updateMe, {
    users: ANY_USER,
    request: () => ({ bio: 'changed', updateMask: { paths: ['bio'] } }),
  }),
  row(user.changePassword, {
    users: { party: 'ok', another: 'BAD_CREDENTIALS' },
    request: () => ({ oldPassword: PASSWORD, newPassword: PASSWORD }),
  }),
  row(user.getUser, {
    users: ANY_USER,
    services: ['friend-service', 'group-service', 'chat-service', 'auth-service'],
    request: ({ ann }) => ({ uid: ann.uid }),
  }),
  row(user.listUsers, { users: ANY_USER, request: () => ({ query: 'ann' }) }),
  row(user.batchGetUsers, {
    users: ANY_USER,
    services: ['friend-service', 'group-service', 'chat-service'],
    request: ({ ann }) => ({ uids: [ann.uid] }),
  }),
  row(user.getProfile, { services: ['chat-service'], request: ({ ann }) => ({ uid: ann.uid }) }),
  row(user.getAccount, {
    services: ['auth-service'],
    request: ({ ann }) => ({ account: { case: 'uid', value: ann.uid } as const }),
  }),
  row(user.getRegistration, { services: ['api-gateway'], request: () => ({}) }),

  // The server API's accounts and keys
  row(user.upsertUser, { scope: 'users', request: () => ({ externalId: 'victim', nickname: 'Victim' }) }),
  row(user.disableUser, { scope: 'users', request: ofVictim }),
  row(user.enableUser, { scope: 'users', request: ofVictim }),
  row(user.signOutUser, { scope: 'users', request: ofVictim }),
  row(user.setUserPassword, {
    scope: 'users',
    request: ({ victim }) => ({ uid: victim, newPassword: PASSWORD }),
  }),
  row(user.createApiKey, { scope: 'keys', request: () => ({ name: 'made', scopes: ['keys'] }) }),
  row(user.listApiKeys, { scope: 'keys', request: () => ({}) }),
  row(user.deleteApiKey, {
    scope: 'keys',
    request: async ({ newKey }) => ({ keyId: (await newKey(['users'])).keyId }),
  }),
  row(user.verifyApiKey, {
    services: ['api-gateway'],
    request: ({ product }) => ({ key: product.adminKey }),
  }),

  // Sessions
  row(auth.createSession, {
    services: ['user-service'],
    request: ({ victim }) => ({ uid: victim, device: device() }),
  }),
  row(auth.refreshTokens, {
    public: true,
    request: async ({ refreshToken }) => ({ refreshToken: await refreshToken() }),
  }),
  row(auth.logout, { users: ANY_USER, endsSessions: true, request: () => ({}) }),
  row(auth.listSessions, { users: ANY_USER, request: () => ({}) }),
  row(auth.deleteSession, {
    users: { party: 'ok', another: 'SESSION_NOT_FOUND' },
    request: async ({ session }) => ({ sessionId: await session() }),
  }),
  row(auth.revokeOtherSessions, { users: ANY_USER, endsSessions: true, request: () => ({}) }),
  row(auth.listKeys, { public: true, request: () => ({}) }),
  row(auth.issueTokens, { scope: 'tokens', request: ({ bob }) => ({ uid: bob.uid, device: device() }) }),
  row(auth.revokeUserSessions, {
    services: ['user-service'],
    request: ({ victim }) => ({
      uid: victim,
      reason: SignOutReason_Value.REVOKED,
      createdBefore: new Date(0).toISOString(),
    }),
  }),
  row(auth.listRevoked, { services: ['api-gateway', 'ws-gateway'], request: () => ({}) }),

  // Friends
  row(friend.createFriendRequest, { users: ANY_USER, request: ({ stranger }) => ({ uid: stranger }) }),
  row(friend.listFriendRequests, { users: ANY_USER, request: () => ({}) }),
  row(friend.acceptFriendRequest, {
    users: { party: 'ok', another: 'FRIEND_REQUEST_NOT_FOUND' },
    request: async ({ friendRequest }) => ({ requestId: (await friendRequest()).requestId }),
    butNot: [
      {
        who: 'the sender of the request',
        attempt: async ({ friendRequest }) => {
          const { from, requestId } = await friendRequest();
          return { as: from, request: { requestId } };
        },
        reason: 'FRIEND_REQUEST_NOT_FOUND',
      },
    ],
  }),
  row(friend.rejectFriendRequest, {
    users: { party: 'ok', another: 'FRIEND_REQUEST_NOT_FOUND' },
    request: async ({ friendRequest }) => ({ requestId: (await friendRequest()).requestId }),
    butNot: [
      {
        who: 'the sender of the request',
        attempt: async ({ friendRequest }) => {
          const { from, requestId } = await friendRequest();
          return { as: from, request: { requestId } };
        },
        reason: 'FRIEND_REQUEST_NOT_FOUND',
      },
    ],
  }),
  row(friend.listFriends, { users: ANY_USER, request: () => ({}) }),

  // Conversations
  row(chat.sendMessage, {
    users: MEMBERS,
    request: ({ direct }) => ({ conversationId: direct, clientMsgId: named(), content: text('hello') }),
    butNot: [
      {
        who: 'somebody who is not a friend',
        attempt: ({ ann, eve }) => ({
          as: eve,
          request: { conversationId: `u:${ann.uid}`, clientMsgId: named(), content: text('hello') },
        }),
        reason: 'DIRECT_NOT_ALLOWED',
      },
      {
        who: 'the owner of notices',
        attempt: ({ ann }) => ({
          as: ann,
          request: { conversationId: `n:${ann.uid}`, clientMsgId: named(), content: text('hello') },
        }),
        reason: 'READ_ONLY',
      },
    ],
  }),
  row(chat.editMessage, {
    users: MEMBERS,
    request: async ({ direct, message }) => ({
      conversationId: direct,
      seq: await message(),
      clientMsgId: named(),
      content: text('edited'),
    }),
    butNot: [
      {
        who: 'the peer',
        attempt: async ({ bob, direct, message }) => ({
          as: bob,
          request: {
            conversationId: direct,
            seq: await message(),
            clientMsgId: named(),
            content: text('edited'),
          },
        }),
        reason: 'NOT_THE_SENDER',
      },
    ],
  }),
  row(chat.recallMessage, {
    users: MEMBERS,
    request: async ({ direct, message }) => ({
      conversationId: direct,
      seq: await message(),
      clientMsgId: named(),
    }),
    butNot: [
      {
        who: 'the peer',
        attempt: async ({ bob, direct, message }) => ({
          as: bob,
          request: { conversationId: direct, seq: await message(), clientMsgId: named() },
        }),
        reason: 'NOT_THE_SENDER',
      },
    ],
  }),
  row(chat.hideMessage, {
    users: MEMBERS,
    request: async ({ direct, message }) => ({ conversationId: direct, seq: await message() }),
  }),
  row(chat.getMessages, {
    users: MEMBERS,
    request: ({ direct }) => ({ conversationId: direct }),
    butNot: [
      {
        who: 'somebody else, in notices',
        attempt: ({ ann, bob }) => ({ as: bob, request: { conversationId: `n:${ann.uid}` } }),
        reason: 'CONVERSATION_NOT_FOUND',
      },
    ],
  }),
  row(chat.markRead, { users: MEMBERS, request: ({ direct }) => ({ conversationId: direct, seq: 1 }) }),
  row(chat.listConversations, { users: ANY_USER, request: () => ({}) }),
  row(chat.getConversation, { users: MEMBERS, request: ({ direct }) => ({ conversationId: direct }) }),
  row(chat.updateConversation, {
    users: MEMBERS,
    request: ({ direct }) => ({ conversationId: direct, muted: true, updateMask: { paths: ['muted'] } }),
  }),
  row(chat.sync, { users: ANY_USER, request: () => ({}) }),

  // Sending for a product of one's own
  row(chat.adminSendMessage, {
    scope: 'messages',
    request: ({ ann }) => ({ toUid: ann.uid, clientMsgId: named(), content: text('hello') }),
  }),
  row(chat.adminRecallMessage, {
    scope: 'messages',
    request: async ({ direct, message }) => ({ conversationId: direct, seq: await message() }),
  }),

  // Between the services
  row(chat.sendStream, {
    services: ['ws-gateway'],
    request: (world) => ({ items: [sendItem(world, world.ann)] }),
    butNot: [
      {
        who: 'a socket of somebody who is no member',
        attempt: (world) => ({ as: 'ws-gateway', request: { items: [sendItem(world, world.eve)] } }),
        reason: 'CONVERSATION_NOT_FOUND',
      },
    ],
  }),
  row(chat.appendEvents, {
    services: ['user-service', 'friend-service', 'group-service'],
    request: (world, service) => change(world, service),
    butNot: (['user-service', 'friend-service'] as const).map((service) => ({
      who: `${service}, the changes of groups`,
      attempt: (world) => ({ as: service, request: change(world, 'group-service') }),
      reason: 'ACCESS_DENIED',
    })),
  }),
  row(chat.sendTyping, {
    services: ['ws-gateway'],
    request: ({ ann, direct }) => ({ uid: ann.uid, conversationId: direct }),
    butNot: [
      {
        who: 'a socket of somebody who is no member',
        attempt: ({ eve, direct }) => ({
          as: 'ws-gateway',
          request: { uid: eve.uid, conversationId: direct },
        }),
        reason: 'CONVERSATION_NOT_FOUND',
      },
    ],
  }),
  row(chat.getStore, { services: ['api-gateway', 'ws-gateway'], request: () => ({}) }),
  row(DeliveryService.method.deliver, {
    services: ['chat-service'],
    request: () => ({ senderBootId: randomUUID(), number: 1, pushes: [] }),
  }),
]);

function sendItem({ direct }: World, { uid, sessionId }: { uid: string; sessionId: string }) {
  const value = { conversationId: direct, clientMsgId: named(), content: text('hello') };
  return {
    itemId: 1,
    groupId: 1,
    uid,
    sessionId,
    timeoutMs: 2_000,
    request: { case: 'sendMessage', value },
  } as const;
}

/** A change that a service may append: the first of something new, or one that chat-service knows already. */
function change({ ann, bob, direct }: World, service: ServiceName | undefined) {
  const record = { actorUid: ann.uid, at: new Date().toISOString() };
  switch (service) {
    case 'user-service':
      return {
        conversationId: `n:${ann.uid}`,
        version: 1,
        records: [{ ...record, kind: { case: 'openAccount', value: {} } as const }],
      };
    case 'friend-service':
      return {
        conversationId: direct,
        version: 1,
        records: [{ ...record, kind: { case: 'addFriendship', value: { uid: bob.uid } } as const }],
      };
    default: {
      const members = { uids: [ann.uid], role: Role_Value.OWNER, history: HistoryPolicy_Value.ALL };
      return {
        conversationId: `g:${random53()}`,
        version: 1,
        records: [{ ...record, kind: { case: 'addMembers', value: members } as const }],
      };
    }
  }
}
