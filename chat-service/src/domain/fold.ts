import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';

/**
 * Builds the present state of messages from events of one conversation, in seq
 * order and as they were sent: edits and recalls are applied to the messages
 * among them, in place, and every message then includes all up to `headSeq`.
 */
export function fold(events: readonly Event[], headSeq: number): void {
  const bySeq = new Map(events.map((event) => [event.seq, event]));
  for (const { at, kind } of events) {
    if (kind.case !== 'edited' && kind.case !== 'recalled') continue;
    const target = bySeq.get(kind.value.targetSeq)?.kind;
    if (target?.case !== 'message') continue;
    const message = target.value;
    if (kind.case === 'edited') {
      // Recalled for good: an edit that was stored before it shows nothing.
      if (message.recalledAt !== undefined) continue;
      message.content = kind.value.content;
      message.editedAt = at;
    } else {
      message.content = undefined;
      message.recalledAt ??= at;
    }
  }
  const recalled = (seq: number) => {
    const target = bySeq.get(seq)?.kind;
    return target?.case === 'message' && target.value.recalledAt !== undefined;
  };
  for (const { kind } of events) {
    if (kind.case === 'message') kind.value.asOfSeq = headSeq;
    if (kind.case === 'edited' && recalled(kind.value.targetSeq)) kind.value.content = undefined;
  }
}
