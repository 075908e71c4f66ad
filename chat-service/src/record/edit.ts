import { create } from '@bufbuild/protobuf';
import { EditMessageRequestSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Content, Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import { requireEditable } from '../domain/edit.ts';
import { encodeBody } from '../domain/event-body.ts';
import { requestHash } from '../domain/request-hash.ts';
import type { LogRecord } from '../lane/log-record.ts';
import { conversationNotFound, directParties, requireMaySend, requireMember } from './access.ts';
import { answerOfDuplicate, messageOf } from './answer-message.ts';
import type { RecordSettings } from './settings.ts';
import { requireTarget } from './target.ts';

/** Bytes of an edit, about. */
const EDIT_BYTES = 16_000;

export interface Edit {
  readonly conversationId: string;
  readonly seq: number;
  readonly uid: string;
  readonly clientMsgId: string;
  readonly content: Content;
}

/** A new text for a message of one's own; the answer is the message as it stands then. */
export function editRecord(edit: Edit, settings: RecordSettings): LogRecord<Message> {
  const { conversationId, seq, uid, clientMsgId, content } = edit;
  const key = { conversationId, senderUid: uid, clientMsgId };
  const request = create(EditMessageRequestSchema, { conversationId, seq, clientMsgId, content });
  const hash = requestHash('edit', EditMessageRequestSchema, request);
  const id = parseConversationId(conversationId);
  return {
    conversationId,
    size: EDIT_BYTES,
    needs: { key, seqs: [seq], accounts: directParties(conversationId) },
    apply(batch) {
      const duplicate = answerOfDuplicate(batch, key, hash);
      if (duplicate) return duplicate;
      if (!id) throw conversationNotFound();
      const { draft, member } = requireMember(batch, conversationId, uid);
      const target = requireTarget(batch, conversationId, seq, member);
      requireEditable(target.facts, { uid, content, at: batch.now }, settings.editWindowSeconds * 1000);
      requireMaySend(batch, id, conversationId, uid, settings);

      const { row } = batch.appendEvent(draft, {
        actorUid: uid,
        at: batch.now,
        kind: { case: 'edited', value: { targetSeq: seq, content } },
        targetSeq: seq,
        lastEditSeq: target.row.last_edit_seq,
      });
      const edited = { ...target.message, content, editedAt: new Date(batch.now).toISOString() };
      batch.rewrite(target.row, {
        state: encodeBody({ case: 'message', value: edited }),
        last_edit_seq: row.seq,
        edit_count: target.row.edit_count + 1,
      });
      batch.addKey(draft, key, hash, seq);
      return messageOf(batch, conversationId, seq);
    },
  };
}
