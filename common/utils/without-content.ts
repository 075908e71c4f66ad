import { clone } from '@bufbuild/protobuf';
import { type Event, EventSchema } from '../gen/im/chat/v1/event_pb.ts';

/** The event for someone who may not see its target: that something happened, not what. */
export function withoutContent(event: Event): Event {
  const blind = clone(EventSchema, event);
  if (blind.kind.case === 'edited') blind.kind.value.content = undefined;
  if (blind.kind.case === 'reaction') blind.kind.value.emoji = '';
  return blind;
}
