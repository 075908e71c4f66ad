import { randomUUID } from 'node:crypto';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ChatService,
  GetMessagesRequestSchema,
  GetMessagesResponse,
  MarkReadResponse,
  SyncRequestSchema,
  SyncResponse,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Conversation } from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { ContentSchema, MentionsSchema, Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { CallOptions, RpcClient } from '@im/common/rpc/types.ts';

export interface SendOptions extends Pick<CallOptions, 'timeoutMs' | 'signal'> {
  clientMsgId?: string;
  /** Instead of the text. */
  content?: MessageInitShape<typeof ContentSchema>;
  replyToSeq?: number;
  mentions?: MessageInitShape<typeof MentionsSchema>;
}

export interface OwnSettings {
  muted?: boolean;
  pinned?: boolean;
  hidden?: boolean;
  draft?: string;
  clearedSeq?: number;
}

/** The calls of one signed-in user, as a gateway makes them. Ids of messages are new unless given. */
export interface ChatUser {
  readonly uid: string;
  send(conversationId: string, text: string, options?: SendOptions): Promise<Message>;
  edit(conversationId: string, seq: number, text: string, clientMsgId?: string): Promise<Message>;
  recall(conversationId: string, seq: number, clientMsgId?: string): Promise<Message>;
  hide(conversationId: string, seq: number): Promise<void>;
  markRead(conversationId: string, seq: number): Promise<MarkReadResponse>;
  messages(
    conversationId: string,
    range?: Partial<MessageInitShape<typeof GetMessagesRequestSchema>>,
  ): Promise<GetMessagesResponse>;
  conversation(conversationId: string): Promise<Conversation>;
  /** The first 200, latest activity first. */
  conversations(): Promise<Conversation[]>;
  /** Changes the settings that are given. */
  update(conversationId: string, settings: OwnSettings): Promise<Conversation>;
  sync(request?: MessageInitShape<typeof SyncRequestSchema>): Promise<SyncResponse>;
}

/** A text as content. */
export function textContent(text: string): MessageInitShape<typeof ContentSchema> {
  return { kind: { case: 'text', value: { text } } };
}

/** The text of a message; undefined where it has none. */
export function textOf(message: Message | undefined): string | undefined {
  const kind = message?.content?.kind;
  return kind?.case === 'text' ? kind.value.text : undefined;
}

export function createChatUser(gateway: RpcClient<typeof ChatService>, uid: string): ChatUser {
  const speakFor: CallOptions = { speakFor: { kind: 'user', uid, sessionId: `session-of-${uid}` } };
  return {
    uid,
    async send(conversationId, text, { timeoutMs, signal, ...request } = {}) {
      const { message } = await gateway.sendMessage(
        { conversationId, clientMsgId: randomUUID(), content: textContent(text), ...request },
        { ...speakFor, timeoutMs, signal },
      );
      return message!;
    },
    async edit(conversationId, seq, text, clientMsgId = randomUUID()) {
      const request = { conversationId, seq, clientMsgId, content: textContent(text) };
      return (await gateway.editMessage(request, speakFor)).message!;
    },
    async recall(conversationId, seq, clientMsgId = randomUUID()) {
      return (await gateway.recallMessage({ conversationId, seq, clientMsgId }, speakFor)).message!;
    },
    async hide(conversationId, seq) {
      await gateway.hideMessage({ conversationId, seq }, speakFor);
    },
    markRead: (conversationId, seq) => gateway.markRead({ conversationId, seq }, speakFor),
    messages: (conversationId, range = {}) => gateway.getMessages({ conversationId, ...range }, speakFor),
    async conversation(conversationId) {
      return (await gateway.getConversation({ conversationId }, speakFor)).conversation!;
    },
    async conversations() {
      return (await gateway.listConversations({ pageSize: 200 }, speakFor)).conversations;
    },
    async update(conversationId, settings) {
      const paths = Object.keys(settings).map((name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`));
      const request = { conversationId, ...settings, updateMask: { paths } };
      return (await gateway.updateConversation(request, speakFor)).conversation!;
    },
    sync: (request = {}) => gateway.sync(request, speakFor),
  };
}
