import type { Event } from '../gen/im/chat/v1/event_pb.ts';

/**
 * What is left of an event once the message it is, or edits, has been
 * recalled: a copy without the text. Other events come back as they are.
 *
 * @param at when it was recalled, RFC 3339
 */
export function blankRecalled(event: Event, targetSeq: number, at: string): Event {
  const { kind } = event;
  if (kind.case === 'message' && event.seq === targetSeq) {
    const value = { ...kind.value, content: undefined, recalledAt: kind.value.recalledAt ?? at };
    return { ...event, kind: { case: 'message', value } };
  }
  if (kind.case === 'edited' && kind.value.targetSeq === targetSeq) {
    return { ...event, kind: { case: 'edited', value: { ...kind.value, content: undefined } } };
  }
  return event;
}
