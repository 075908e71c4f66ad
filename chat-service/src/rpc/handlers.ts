import type { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { ChatContext } from '../context.ts';
import { adminRecallMessage } from './admin-recall-message.ts';
import { adminSendMessage } from './admin-send-message.ts';
import { appendEvents } from './append-events.ts';
import { editMessage } from './edit-message.ts';
import { getConversation } from './get-conversation.ts';
import { getMessages } from './get-messages.ts';
import { getStore } from './get-store.ts';
import { hideMessage } from './hide-message.ts';
import { listAudience } from './list-audience.ts';
import { listConversations } from './list-conversations.ts';
import { listLargeGroups } from './list-large-groups.ts';
import { markRead } from './mark-read.ts';
import { queryPresence } from './query-presence.ts';
import { recallMessage } from './recall-message.ts';
import { sendMessage } from './send-message.ts';
import { sendStream } from './send-stream.ts';
import { sendTyping } from './send-typing.ts';
import { sync } from './sync.ts';
import { updateConversation } from './update-conversation.ts';

/** Every RPC of the contract with its context bound. */
export function chatHandlers(context: ChatContext): RpcHandlers<typeof ChatService> {
  return {
    sendMessage: (request, call) => sendMessage(context, request, call),
    editMessage: (request, call) => editMessage(context, request, call),
    recallMessage: (request, call) => recallMessage(context, request, call),
    hideMessage: (request, call) => hideMessage(context, request, call),
    getMessages: (request, call) => getMessages(context, request, call),
    markRead: (request, call) => markRead(context, request, call),
    listConversations: (request, call) => listConversations(context, request, call),
    getConversation: (request, call) => getConversation(context, request, call),
    updateConversation: (request, call) => updateConversation(context, request, call),
    sync: (request, call) => sync(context, request, call),
    queryPresence: (request, call) => queryPresence(context, request, call),
    adminSendMessage: (request, call) => adminSendMessage(context, request, call),
    adminRecallMessage: (request, call) => adminRecallMessage(context, request, call),
    sendStream: (requests, call) => sendStream(context, requests, call),
    appendEvents: (request, call) => appendEvents(context, request, call),
    sendTyping: (request) => sendTyping(context, request),
    listLargeGroups: (request) => listLargeGroups(context, request),
    listAudience: (request) => listAudience(context, request),
    getStore: () => getStore(context),
  };
}
