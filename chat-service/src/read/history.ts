import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GetMessagesResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { Kysely } from 'kysely';
import { type HistoryRequest, historyRange } from '../domain/history-range.ts';
import type { Stretch } from '../domain/spans.ts';
import { type EventTable, readEventRange } from '../store/event.ts';
import type { ChatSchema } from '../store/schema.ts';
import { ANSWER_BYTES, rowBytes } from './answer-size.ts';
import { hiddenAmong } from './hidden-among.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** Rows read at a time: one may be as large as a frame. */
const CHUNK = 50;

/** A page of history: the messages in their present state, and the other events. */
export async function readHistory(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  request: HistoryRequest,
): Promise<MessageInitShape<typeof GetMessagesResponseSchema>> {
  const { fromSeq, toSeq, visibleFromSeq } = historyRange(request, viewer.firstSeq, viewer.head.headSeq);
  if (visibleFromSeq > toSeq) return { messages: [], events: [], fromSeq, toSeq };
  const fromBelow = request.fromSeq !== undefined;
  const { rows, isCut } = await readWithin(db, viewer, { from: visibleFromSeq, to: toSeq }, fromBelow);
  const messages: Message[] = [];
  const events: Event[] = [];
  for (const event of await visibleEvents(db, rows, viewer, await hiddenAmong(db, viewer, rows))) {
    if (event.kind.case === 'message') messages.push(event.kind.value);
    else events.push(event);
  }
  if (!isCut) return { messages, events, fromSeq, toSeq };
  return fromBelow
    ? { messages, events, fromSeq, toSeq: rows.at(-1)!.seq }
    : { messages, events, fromSeq: rows[0]!.seq, toSeq };
}

/** The rows of a range, from below or from above, until they are enough for an answer; one at least. */
async function readWithin(
  db: Kysely<ChatSchema>,
  { membership: { partition_id, conversation_id } }: Viewer,
  { from, to }: Stretch,
  fromBelow: boolean,
): Promise<{ rows: EventTable[]; isCut: boolean }> {
  const rows: EventTable[] = [];
  let bytes = 0;
  for (let left = { from, to }; left.from <= left.to; ) {
    const chunk = fromBelow
      ? { from: left.from, to: Math.min(left.to, left.from + CHUNK - 1) }
      : { from: Math.max(left.from, left.to - CHUNK + 1), to: left.to };
    const read = await readEventRange(db, partition_id, conversation_id, chunk.from, chunk.to);
    for (const row of fromBelow ? read : read.reverse()) {
      bytes += rowBytes(row);
      if (rows.length > 0 && bytes > ANSWER_BYTES) return { rows: inOrder(rows), isCut: true };
      rows.push(row);
    }
    left = fromBelow ? { from: chunk.to + 1, to: left.to } : { from: left.from, to: chunk.from - 1 };
  }
  return { rows: inOrder(rows), isCut: false };
}

function inOrder(rows: EventTable[]): EventTable[] {
  return rows.sort((one, other) => one.seq - other.seq);
}
