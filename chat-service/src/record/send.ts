import { create } from '@bufbuild/protobuf';
import { SendMessageRequestSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import {
  type Content,
  type Mentions,
  type Message,
  MessageSchema,
} from '@im/common/gen/im/chat/v1/message_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import { requestHash } from '../domain/request-hash.ts';
import type { Batch } from '../lane/batch.ts';
import type { ConversationDraft } from '../lane/conversation-draft.ts';
import type { LogRecord } from '../lane/log-record.ts';
import type { EventTable } from '../store/event.ts';
import { EVERYBODY } from '../store/mention.ts';
import { conversationNotFound, directParties, requireMaySend, requireSystemMaySend } from './access.ts';
import { answerOfDuplicate } from './answer-message.ts';
import { ensureMembers } from './direct-members.ts';
import { moveMark } from './mark-read.ts';
import { type RecordSettings, SYSTEM_UID } from './settings.ts';

/** Bytes of a message beside its text, about. */
const OVERHEAD_BYTES = 200;

export interface Send {
  readonly conversationId: string;
  /** "0": the system, which no rule of friendship, blocks or mutes binds. */
  readonly senderUid: string;
  readonly clientMsgId: string;
  readonly content: Content;
  readonly replyToSeq?: number;
  readonly mentions?: Mentions;
}

/** A message for a conversation; the answer is the message with its seq. */
export function sendRecord(send: Send, settings: RecordSettings): LogRecord<Message> {
  const { conversationId, senderUid, clientMsgId, content, replyToSeq, mentions } = send;
  const key = { conversationId, senderUid, clientMsgId };
  const request = create(SendMessageRequestSchema, {
    conversationId,
    clientMsgId,
    content,
    replyToSeq,
    mentions,
  });
  const hash = requestHash('send', SendMessageRequestSchema, request);
  const id = parseConversationId(conversationId);
  const parties = directParties(conversationId);
  return {
    conversationId,
    size: OVERHEAD_BYTES + sizeOf(content),
    needs: { key, accounts: parties },
    apply(batch) {
      const duplicate = answerOfDuplicate(batch, key, hash);
      if (duplicate) return duplicate;
      if (!id || id.kind === 'userAlias') throw conversationNotFound();
      if (senderUid === SYSTEM_UID) requireSystemMaySend(batch, id, conversationId);
      else requireMaySend(batch, id, conversationId, senderUid, settings);

      const draft = batch.conversationOrNew(conversationId);
      const changeNo = batch.nextChangeNo(draft);
      if (id.kind === 'direct') ensureMembers(draft, changeNo, parties);
      const message = create(MessageSchema, { clientMsgId, content, replyToSeq, mentions });
      const { row, event } = batch.appendEvent(
        draft,
        { actorUid: senderUid, at: batch.now, kind: { case: 'message', value: message } },
        changeNo,
      );
      batch.addKey(draft, key, hash, row.seq);
      for (const uid of mentions?.uids ?? []) batch.addMention(draft, uid, row.seq);
      if (mentions?.all) batch.addMention(draft, EVERYBODY, row.seq);
      if (senderUid !== SYSTEM_UID) readOwn(batch, draft, senderUid, row);
      return event.kind.value as Message;
    },
  };
}

/** What one has written oneself is read, and what stood before it. */
function readOwn(batch: Batch, draft: ConversationDraft, uid: string, { seq, count }: EventTable): void {
  const { read_count: readBefore } = draft.member(uid)!.row;
  // Whoever wrote what stood there is shown that it was read; in a group nobody waits for that.
  const isNews = readBefore < count - 1 && parseConversationId(draft.row.conversation_id)?.kind === 'direct';
  if (isNews) moveMark(batch, draft, uid, { seq, count });
  else draft.updateMember(uid, { read_seq: seq, read_count: count });
}

function sizeOf(content: Content): number {
  if (content.kind.case === 'text') return content.kind.value.text.length * 2;
  if (content.kind.case === 'custom') return content.kind.value.data.length;
  if (content.kind.case !== 'forward') return OVERHEAD_BYTES;
  return content.kind.value.messages.reduce(
    (sum, message) => sum + OVERHEAD_BYTES + (message.content ? sizeOf(message.content) : 0),
    0,
  );
}
