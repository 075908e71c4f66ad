import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema } from '../gen/im/chat/v1/event_pb.ts';
import { ContentSchema } from '../gen/im/chat/v1/message_pb.ts';

/** An event in bytes, what it says apart from all else, so that it can be taken out without being read. */
export interface SplitEvent {
  readonly event: Uint8Array;
  /** Empty: the event has none. */
  readonly content: Uint8Array;
}

const NONE = new Uint8Array();

export function splitContent(event: Event): SplitEvent {
  const { kind } = event;
  if ((kind.case !== 'message' && kind.case !== 'edited') || kind.value.content === undefined) {
    return { event: toBinary(EventSchema, event), content: NONE };
  }
  const without = { ...kind, value: { ...kind.value, content: undefined } } as Event['kind'];
  return {
    event: toBinary(EventSchema, { ...event, kind: without }),
    content: toBinary(ContentSchema, kind.value.content),
  };
}

export function joinContent(split: SplitEvent): Event {
  const event = fromBinary(EventSchema, split.event);
  const { kind } = event;
  if (split.content.length > 0 && (kind.case === 'message' || kind.case === 'edited')) {
    kind.value.content = fromBinary(ContentSchema, split.content);
  }
  return event;
}
