import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { EventTable } from '../store/event.ts';

export type EventKind = Exclude<MessageInitShape<typeof EventSchema>['kind'], undefined>;

/** How an event's kind is stored. What the row's columns say is left out. */
export function encodeBody(kind: EventKind): Uint8Array {
  return toBinary(EventSchema, create(EventSchema, { kind }));
}

/** The kind of a stored event; of a message, its present state. */
export function decodeKind(row: Pick<EventTable, 'body' | 'state'>): Event['kind'] {
  return fromBinary(EventSchema, row.state ?? row.body).kind;
}

/** A stored event as everybody sees it; a message in its present state, true up to `asOfSeq`. */
export function eventFromRow(row: EventTable, asOfSeq: number): Event {
  return completeEvent(fromBinary(EventSchema, row.state ?? row.body), row, asOfSeq);
}

/** Adds to an event's kind what the row's columns say, in place. */
export function completeEvent(event: Event, row: EventTable, asOfSeq: number): Event {
  event.conversationId = row.conversation_id;
  event.seq = row.seq;
  event.at = new Date(row.at).toISOString();
  event.actorUid = row.actor_uid;
  if (event.kind.case === 'message') completeMessage(event.kind.value, row, asOfSeq, event.at);
  return event;
}

/** A stored message in its present state; undefined where the row is another event. */
export function messageFromRow(row: EventTable, asOfSeq: number): Message | undefined {
  const kind = decodeKind(row);
  if (kind.case !== 'message') return undefined;
  completeMessage(kind.value, row, asOfSeq, new Date(row.at).toISOString());
  return kind.value;
}

function completeMessage(message: Message, row: EventTable, asOfSeq: number, sentAt: string): void {
  message.conversationId = row.conversation_id;
  message.seq = row.seq;
  message.senderUid = row.actor_uid;
  message.sentAt = sentAt;
  message.asOfSeq = asOfSeq;
}
