import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Message } from '@im/common/gen/im/chat/v1/message_pb.ts';

/**
 * Builds the present state of messages from events of one conversation, in seq
 * order and as they were sent: edits and recalls are applied to the messages
 * among them, and every message then includes all up to `headSeq`. The events
 * given stay as they are.
 */
export function fold(events: readonly Event[], headSeq: number): Event[] {
  const messages = new Map<number, Message>();
  for (const { seq, at, kind } of events) {
    if (kind.case === 'message') messages.set(seq, { ...kind.value, asOfSeq: headSeq });
    else if (kind.case === 'edited') edit(messages.get(kind.value.targetSeq), kind.value.content, at);
    else if (kind.case === 'recalled') recall(messages.get(kind.value.targetSeq), at);
  }
  return events.map((event) => {
    const { kind } = event;
    if (kind.case === 'message') {
      return { ...event, kind: { case: 'message', value: messages.get(event.seq)! } };
    }
    if (kind.case === 'edited' && messages.get(kind.value.targetSeq)?.recalledAt !== undefined) {
      return { ...event, kind: { case: 'edited', value: { ...kind.value, content: undefined } } };
    }
    return event;
  });
}

function edit(message: Message | undefined, content: Message['content'], at: string): void {
  if (!message) return;
  // A recalled message may be blank already, before the events come to its recall.
  if (message.recalledAt === undefined) message.content = content;
  message.editedAt = at;
}

function recall(message: Message | undefined, at: string): void {
  if (!message) return;
  message.content = undefined;
  message.recalledAt ??= at;
}
