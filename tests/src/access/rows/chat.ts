import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { HistoryPolicy_Value, Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { random53 } from '@im/common/utils/random-id.ts';
import { row } from '../row.ts';
import type { World } from '../world.ts';
import { ANY_USER, named, text } from './common.ts';

const chat = ChatService.method;

/** To others the conversation does not exist. */
const MEMBERS = { party: 'ok', another: 'CONVERSATION_NOT_FOUND' } as const;

const hello = (conversationId: string) => ({ conversationId, clientMsgId: named(), content: text('hello') });
const ofDirect = ({ direct }: World) => ({ conversationId: direct });
/** A message that Ann has just sent. */
const ofMessage = async ({ direct, message }: World) => ({ conversationId: direct, seq: await message() });
const edit = async (world: World) => ({
  ...(await ofMessage(world)),
  clientMsgId: named(),
  content: text('edited'),
});
const recall = async (world: World) => ({ ...(await ofMessage(world)), clientMsgId: named() });

export const CHAT_ROWS = [
  row(chat.sendMessage, {
    users: MEMBERS,
    request: ({ direct }) => hello(direct),
    butNot: [
      {
        who: 'somebody who is not a friend',
        attempt: ({ ann, eve }) => ({ as: eve, request: hello(`u:${ann.uid}`) }),
        reason: 'DIRECT_NOT_ALLOWED',
      },
      {
        who: 'the owner of notices',
        attempt: ({ ann }) => ({ as: ann, request: hello(`n:${ann.uid}`) }),
        reason: 'READ_ONLY',
      },
    ],
  }),
  row(chat.editMessage, {
    users: MEMBERS,
    request: edit,
    butNot: [
      {
        who: 'the peer',
        attempt: async (world) => ({ as: world.bob, request: await edit(world) }),
        reason: 'NOT_THE_SENDER',
      },
    ],
  }),
  row(chat.recallMessage, {
    users: MEMBERS,
    request: recall,
    butNot: [
      {
        who: 'the peer',
        attempt: async (world) => ({ as: world.bob, request: await recall(world) }),
        reason: 'NOT_THE_SENDER',
      },
    ],
  }),
  row(chat.hideMessage, { users: MEMBERS, request: ofMessage }),
  row(chat.getMessages, {
    users: MEMBERS,
    request: ofDirect,
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
  row(chat.getConversation, { users: MEMBERS, request: ofDirect }),
  row(chat.updateConversation, {
    users: MEMBERS,
    request: ({ direct }) => ({ conversationId: direct, muted: true, updateMask: { paths: ['muted'] } }),
  }),
  row(chat.sync, { users: ANY_USER, request: () => ({}) }),
  row(chat.queryPresence, { users: ANY_USER, request: ({ ann }) => ({ uids: [ann.uid] }) }),
  row(chat.adminSendMessage, {
    scope: 'messages',
    request: ({ ann }) => ({ toUid: ann.uid, clientMsgId: named(), content: text('hello') }),
  }),
  row(chat.adminRecallMessage, { scope: 'messages', request: ofMessage }),
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
    request: change,
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
  row(chat.listLargeGroups, { services: ['ws-gateway'], request: ({ ann }) => ({ uid: ann.uid }) }),
  row(chat.listAudience, { services: ['ws-gateway'], request: ({ direct }) => ({ conversationId: direct }) }),
  row(chat.getStore, { services: ['api-gateway', 'ws-gateway'], request: () => ({}) }),
];

function sendItem({ direct }: World, { uid, sessionId }: { uid: string; sessionId: string }) {
  const request = { case: 'sendMessage', value: hello(direct) } as const;
  return { itemId: 1, groupId: 1, uid, sessionId, timeoutMs: 2_000, request };
}

/** A change that a service may append: the first of something new, or one that chat-service knows already. */
function change({ ann, bob, direct }: World, service: ServiceName | undefined) {
  const record = { actorUid: ann.uid, at: new Date().toISOString() };
  switch (service) {
    case 'user-service': {
      const kind = { case: 'openAccount', value: {} } as const;
      return { conversationId: `n:${ann.uid}`, version: 1, records: [{ ...record, kind }] };
    }
    case 'friend-service': {
      const kind = { case: 'addFriendship', value: { uid: bob.uid } } as const;
      return { conversationId: direct, version: 1, records: [{ ...record, kind }] };
    }
    default: {
      const value = { uids: [ann.uid], role: Role_Value.OWNER, history: HistoryPolicy_Value.ALL };
      const kind = { case: 'addMembers', value } as const;
      return { conversationId: `g:${random53()}`, version: 1, records: [{ ...record, kind }] };
    }
  }
}
