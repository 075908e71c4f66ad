import { ImError } from '@im/common/errors/im-error.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { TargetMessage } from '../domain/edit.ts';
import { decodeKind } from '../domain/event-body.ts';
import { covers } from '../domain/spans.ts';
import type { Batch } from '../lane/batch.ts';
import type { MemberState } from '../lane/conversation-state.ts';
import type { EventTable } from '../store/event.ts';

/** The message an edit or recall is about, as stored. */
export interface Target {
  readonly row: EventTable;
  readonly message: Message;
  readonly facts: TargetMessage;
}

/** A target outside what the member may see is not there for them; `viewer` undefined sees all. */
export function requireTarget(
  batch: Batch,
  conversationId: string,
  seq: number,
  viewer: MemberState | undefined,
): Target {
  const row = batch.event(conversationId, seq);
  const visible = viewer === undefined || (covers(viewer.spans, seq) && seq > viewer.row.cleared_seq);
  const kind = row && visible ? decodeKind(row) : undefined;
  if (!row || kind?.case !== 'message') throw new ImError('MESSAGE_NOT_FOUND', 'no such message');
  const message = kind.value;
  return {
    row,
    message,
    facts: {
      senderUid: row.actor_uid,
      sentAt: row.at,
      recalled: message.recalledAt !== undefined,
      content: message.content,
      edits: row.edit_count,
    },
  };
}
