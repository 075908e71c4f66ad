import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetMessagesResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { Kysely } from 'kysely';
import { type HistoryRequest, historyRange } from '../domain/history-range.ts';
import { readEventRange } from '../store/event.ts';
import { readHiddenRange } from '../store/hidden-message.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** A page of history: the messages in their present state, and the other events. */
export async function readHistory(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  request: HistoryRequest,
): Promise<MessageInitShape<typeof GetMessagesResponseSchema>> {
  const { fromSeq, toSeq } = historyRange(request, viewer.firstSeq, viewer.head.headSeq);
  if (fromSeq > toSeq) return { messages: [], events: [], fromSeq, toSeq };
  const { partition_id, conversation_id, uid } = viewer.membership;
  const rows = await readEventRange(db, partition_id, conversation_id, fromSeq, toSeq);
  // An edit in this range may be about a message below it that the viewer hid.
  const lowest = Math.min(fromSeq, ...rows.filter((row) => row.target_seq > 0).map((row) => row.target_seq));
  const hidden = await readHiddenRange(db, partition_id, conversation_id, uid, lowest, toSeq);
  const visible = await visibleEvents(db, rows, viewer, new Set(hidden.map((row) => row.seq)));
  const messages: Message[] = [];
  const events: Event[] = [];
  for (const event of visible) {
    if (event.kind.case === 'message') messages.push(event.kind.value);
    else events.push(event);
  }
  return { messages, events, fromSeq, toSeq };
}
