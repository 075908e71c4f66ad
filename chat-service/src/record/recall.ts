import { create } from '@bufbuild/protobuf';
import { RecallMessageRequestSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { encodeBody } from '../domain/event-body.ts';
import { requireRecallable } from '../domain/recall.ts';
import { requestHash } from '../domain/request-hash.ts';
import type { Batch } from '../lane/batch.ts';
import { isMember } from '../lane/conversation-state.ts';
import type { LogRecord } from '../lane/log-record.ts';
import { conversationNotFound, requireMember } from './access.ts';
import { answerOfDuplicate, messageOf } from './answer-message.ts';
import { type RecordSettings, SYSTEM_UID } from './settings.ts';
import { requireTarget, type Target } from './target.ts';

const RECALL_BYTES = 300;

export interface Recall {
  readonly conversationId: string;
  readonly seq: number;
  /** "0": the system, which recalls any message at any time. */
  readonly uid: string;
  /** The system's recalls need no name: a second one changes nothing. */
  readonly clientMsgId?: string | undefined;
}

/** Takes a message back; the answer is the message without content. */
export function recallRecord(recall: Recall, settings: RecordSettings): LogRecord<Message> {
  const { conversationId, seq, uid, clientMsgId } = recall;
  const key = clientMsgId === undefined ? undefined : { conversationId, senderUid: uid, clientMsgId };
  const request = create(RecallMessageRequestSchema, { conversationId, seq, clientMsgId });
  const hash = requestHash('recall', RecallMessageRequestSchema, request);
  return {
    conversationId,
    size: RECALL_BYTES,
    needs: { key, seqs: [seq], editsOf: [seq] },
    apply(batch) {
      const duplicate = key && answerOfDuplicate(batch, key, hash);
      if (duplicate) return duplicate;
      const target = permitted(batch, recall, settings);
      // A second recall changes nothing: no seq, the present state.
      if (target.facts.recalled) return messageOf(batch, conversationId, seq);

      const draft = batch.conversation(conversationId)!;
      batch.appendEvent(draft, {
        actorUid: uid,
        at: batch.now,
        kind: { case: 'recalled', value: { targetSeq: seq } },
        targetSeq: seq,
      });
      erase(batch, target);
      if (key) batch.addKey(draft, key, hash, seq);
      return messageOf(batch, conversationId, seq);
    },
  };
}

function permitted(batch: Batch, { conversationId, seq, uid }: Recall, settings: RecordSettings): Target {
  if (uid === SYSTEM_UID) {
    if (!batch.conversation(conversationId)) throw conversationNotFound();
    return requireTarget(batch, conversationId, seq, undefined);
  }
  const { draft, member } = requireMember(batch, conversationId, uid);
  const target = requireTarget(batch, conversationId, seq, member);
  const sender = draft.member(target.facts.senderUid);
  const senderRole = isMember(sender) ? sender.row.role : Role_Value.MEMBER;
  const recaller = { kind: 'member', uid, role: member.row.role } as const;
  requireRecallable(target.facts, senderRole, recaller, batch.now, settings.recallWindowSeconds * 1000);
  return target;
}

/** Takes the text out of the message, as sent and as it stands, and out of all its edits. */
function erase(batch: Batch, { row, message }: Target): void {
  const recalled = { ...message, content: undefined, recalledAt: new Date(batch.now).toISOString() };
  const body = encodeBody({ case: 'message', value: recalled });
  batch.rewrite(row, { body, state: body });
  for (let edit = batch.event(row.conversation_id, row.last_edit_seq); edit; ) {
    batch.rewrite(edit, { body: encodeBody({ case: 'edited', value: { targetSeq: row.seq } }) });
    edit = batch.event(row.conversation_id, edit.last_edit_seq);
  }
}
