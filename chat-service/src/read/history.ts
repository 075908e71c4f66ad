import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetMessagesResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { Kysely } from 'kysely';
import { type HistoryRequest, historyRange } from '../domain/history-range.ts';
import { readEventRange } from '../store/event.ts';
import type { ChatSchema } from '../store/schema.ts';
import { hiddenAmong } from './hidden-among.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** A page of history: the messages in their present state, and the other events. */
export async function readHistory(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  request: HistoryRequest,
): Promise<MessageInitShape<typeof GetMessagesResponseSchema>> {
  const { fromSeq, toSeq, visibleFromSeq } = historyRange(request, viewer.firstSeq, viewer.head.headSeq);
  if (visibleFromSeq > toSeq) return { messages: [], events: [], fromSeq, toSeq };
  const { partition_id, conversation_id } = viewer.membership;
  const rows = await readEventRange(db, partition_id, conversation_id, visibleFromSeq, toSeq);
  const messages: Message[] = [];
  const events: Event[] = [];
  for (const event of await visibleEvents(db, rows, viewer, await hiddenAmong(db, viewer, rows))) {
    if (event.kind.case === 'message') messages.push(event.kind.value);
    else events.push(event);
  }
  return { messages, events, fromSeq, toSeq };
}
