import type { Event } from '../gen/im/chat/v1/event_pb.ts';

/** Takes the text out of a recalled message and of its edits, in place. */
export function blankRecalled(events: readonly Event[], targetSeq: number): void {
  for (const event of events) {
    if (event.kind.case === 'message' && event.seq === targetSeq) {
      event.kind.value.content = undefined;
    } else if (event.kind.case === 'edited' && event.kind.value.targetSeq === targetSeq) {
      event.kind.value.content = undefined;
    }
  }
}
