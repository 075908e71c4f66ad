import { toBinary } from '@bufbuild/protobuf';
import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { type Content, ContentSchema, type Message } from '@im/common/gen/im/chat/v1/message_pb.ts';
import type { EventTable } from '../store/event.ts';

/** Bytes of events in one answer, about: what is more comes with the next. gRPC carries four times as many. */
export const ANSWER_BYTES = 4 * 1024 * 1024;

/** Bytes of an event or a message beside its content, about. */
const OVERHEAD_BYTES = 200;
/** UTF-8 of a UTF-16 unit, at most. */
const BYTES_A_UNIT = 3;

/** How much of an answer may still be filled. */
export interface Room {
  readonly events: number;
  readonly bytes: number;
}

/** Bytes that a stored event makes of an answer, about. */
export function rowBytes({ body, state }: EventTable): number {
  return OVERHEAD_BYTES + (state ?? body).length;
}

export function eventBytes({ kind }: Event): number {
  if (kind.case === 'message') return messageBytes(kind.value);
  return OVERHEAD_BYTES + (kind.case === 'edited' ? contentBytes(kind.value.content) : 0);
}

export function messageBytes({ content }: Message): number {
  return OVERHEAD_BYTES + contentBytes(content);
}

function contentBytes(content: Content | undefined): number {
  const kind = content?.kind;
  if (kind?.case === 'text') return kind.value.text.length * BYTES_A_UNIT;
  // Forwarded messages may be deep, custom data large; both are rare.
  if (content && (kind?.case === 'forward' || kind?.case === 'custom')) {
    return toBinary(ContentSchema, content).length;
  }
  return OVERHEAD_BYTES;
}

/** How many of these, from the last one on, fit; at least one. */
export function fittingFromEnd<T>(items: readonly T[], room: Room, bytesOf: (item: T) => number): number {
  let bytes = 0;
  let count = 0;
  for (let index = items.length - 1; index >= 0 && count < room.events; index -= 1) {
    bytes += bytesOf(items[index]!);
    if (count > 0 && bytes > room.bytes) break;
    count += 1;
  }
  return count;
}
