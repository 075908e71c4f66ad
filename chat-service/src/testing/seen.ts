import type { Conversation, SyncedConversation } from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import { ConversationKind_Value } from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { textOf } from './chat-user.ts';

/** What somebody sees of a message. Text is undefined where there is none to see. */
export interface SeenMessage {
  seq: number;
  senderUid: string;
  sentAt: string;
  text: string | undefined;
  editedAt: string | undefined;
  recalledAt: string | undefined;
}

/** What somebody sees of an event that is no message. */
export interface SeenEvent {
  seq: number;
  at: string;
  actorUid: string;
  kind: string;
  targetSeq?: number;
  text?: string | undefined;
  uids?: readonly string[];
}

/** A conversation as somebody sees it, without its events. */
export interface SeenSummary {
  conversationId: string;
  kind: (typeof KINDS)[number];
  headSeq: number;
  readSeq: number;
  unread: number;
  mentionSeqs: number[];
  peerReadSeq: number | undefined;
  visibleFromSeq: number;
  leftSeq: number | undefined;
  lastMessage: SeenMessage | undefined;
  settings: { muted: boolean; pinned: boolean; hidden: boolean; draft: string; clearedSeq: number };
  updatedAt: string;
}

/** All of it, in seq order. */
export interface SeenConversation {
  summary: SeenSummary;
  messages: SeenMessage[];
  events: SeenEvent[];
}

const KINDS = ['DIRECT', 'GROUP', 'NOTICE'] as const;

export function seenMessage(message: Message): SeenMessage {
  const { seq, senderUid, sentAt, editedAt, recalledAt } = message;
  return { seq, senderUid, sentAt, text: textOf(message), editedAt, recalledAt };
}

export function seenEvent({ seq, at, actorUid, kind }: Event): SeenEvent {
  const seen: SeenEvent = { seq, at, actorUid, kind: kind.case! };
  switch (kind.case) {
    case 'edited': {
      const content = kind.value.content?.kind;
      const text = content?.case === 'text' ? content.value.text : undefined;
      return { ...seen, targetSeq: kind.value.targetSeq, text };
    }
    case 'recalled':
      return { ...seen, targetSeq: kind.value.targetSeq };
    case 'memberAdded':
    case 'memberRemoved':
      return { ...seen, uids: kind.value.uids };
    default:
      return seen;
  }
}

export function seenSummary(conversation: Conversation | SyncedConversation): SeenSummary {
  const { conversationId, headSeq, readSeq, unread, mentionSeqs, peerReadSeq, visibleFromSeq, leftSeq } =
    conversation;
  const { muted, pinned, hidden, draft, clearedSeq } = conversation.settings!;
  return {
    conversationId,
    kind: KINDS.find((kind) => ConversationKind_Value[kind] === conversation.kind)!,
    headSeq,
    readSeq,
    unread,
    mentionSeqs,
    peerReadSeq,
    visibleFromSeq,
    leftSeq,
    lastMessage: conversation.lastMessage && seenMessage(conversation.lastMessage),
    settings: { muted, pinned, hidden, draft, clearedSeq },
    updatedAt: conversation.updatedAt,
  };
}
