import type { MessageInitShape } from '@bufbuild/protobuf';
import type { MarkReadResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import { openSpan, visibleHead } from '../domain/spans.ts';
import { unreadCount } from '../domain/unread.ts';
import type { Batch } from '../lane/batch.ts';
import type { ConversationDraft } from '../lane/conversation-draft.ts';
import type { MemberState } from '../lane/conversation-state.ts';
import type { LogRecord } from '../lane/log-record.ts';
import { requireKnown } from './access.ts';

const MARK_BYTES = 100;
/** In larger conversations nobody is told of others' marks. */
const MAX_MEMBERS_TOLD = 100;

export interface MarkRead {
  readonly conversationId: string;
  readonly uid: string;
  readonly seq: number;
}

type Answer = MessageInitShape<typeof MarkReadResponseSchema>;

/** Moves a read mark on: never back, never beyond the head that its owner sees. */
export function markReadRecord({ conversationId, uid, seq }: MarkRead): LogRecord<Answer> {
  return {
    conversationId,
    size: MARK_BYTES,
    needs: { seqs: seq > 0 ? [seq] : [] },
    apply(batch) {
      const { draft, member } = requireKnown(batch, conversationId, uid);
      const head = visibleHead(draft.row, member.spans)!;
      const moved = Math.min(seq, head.headSeq);
      if (moved > member.row.read_seq) {
        const count = moved === head.headSeq ? head.headCount : batch.event(conversationId, moved)!.count;
        moveMark(batch, draft, uid, { seq: moved, count });
      }
      const now = draft.member(uid)!;
      return { readSeq: now.row.read_seq, unread: unreadCount(head, now.row, now.spans) };
    },
  };
}

/** Moves somebody's mark to an event with this count of messages, and tells who is shown it. */
export function moveMark(
  batch: Batch,
  draft: ConversationDraft,
  uid: string,
  { seq, count }: { seq: number; count: number },
): void {
  const changeNo = batch.nextChangeNo(draft);
  draft.updateMember(uid, { read_seq: seq, read_count: count, change_no: changeNo });
  stampPeer(draft, uid, changeNo);
  draft.row.cache_no = changeNo;
  draft.markRowChanged();
  batch.publish(draft, changeNo, readersTold(draft, uid), { case: 'readMark', value: { uid, seq } });
}

/** In a direct conversation the other's devices show the mark: it is due in their sync too. */
function stampPeer(draft: ConversationDraft, uid: string, changeNo: number): void {
  const id = parseConversationId(draft.row.conversation_id);
  if (id?.kind !== 'direct') return;
  const peer = id.lower === uid ? id.higher : id.lower;
  if (draft.member(peer)) draft.updateMember(peer, { change_no: changeNo });
}

function readersTold(draft: ConversationDraft, uid: string): string[] {
  const present: MemberState[] = [];
  for (const member of draft.members()) {
    if (openSpan(member.spans)) present.push(member);
    if (present.length > MAX_MEMBERS_TOLD) return [uid];
  }
  return [...new Set([uid, ...present.map((member) => member.row.uid)])];
}
