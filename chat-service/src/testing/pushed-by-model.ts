import type { LogModel } from './log-model.ts';
import type { SeenEvent } from './seen.ts';

/** An event as it was written, and whether its text is for the one it is pushed to. */
export interface PushedEvent extends SeenEvent {
  readonly mayShow: boolean;
  /** False where it depends on when they cleared the conversation. */
  readonly mustShow: boolean;
}

/** What is pushed to a user of a conversation: what happened while they were a member, their joining and leaving too. */
export function pushedTo(model: LogModel, conversationId: string, uid: string): PushedEvent[] {
  const conversation = model.find(conversationId);
  const member = conversation?.members.get(uid);
  if (!conversation || !member) return [];
  const inGroup = conversationId.startsWith('g:');
  let present = !inGroup;
  /** Spans opened so far: a later one shows nothing of what was pushed before it. */
  let joined = inGroup ? 0 : member.spans.length;
  const pushed: PushedEvent[] = [];
  for (const { mentions: _, ...event } of conversation.events) {
    if (event.kind === 'memberAdded' && event.uids?.includes(uid)) {
      present = true;
      joined += 1;
    }
    if (present) {
      const about = event.targetSeq ?? event.seq;
      const mayShow = member.spans
        .slice(0, joined)
        .some(({ from, to }) => about >= from && about <= (to ?? Number.POSITIVE_INFINITY));
      pushed.push({ ...event, mayShow, mustShow: mayShow && about > member.settings.clearedSeq });
    }
    if (event.kind === 'memberRemoved' && event.uids?.includes(uid)) present = false;
  }
  return pushed;
}
