import type { WireEvent } from '../client/wire.ts';

/** What every event has beside its kind. */
const COMMON_KEYS = new Set(['conversationId', 'seq', 'at', 'actorUid']);

/** Which event this is, in words: the same for everybody who sees it, in every state of what it is about. */
export function identityOf(event: WireEvent): string {
  if (event.message) return `message ${event.message.clientMsgId} of ${event.message.senderUid}`;
  if (event.edited) return `edit of #${event.edited.targetSeq} by ${event.actorUid}`;
  if (event.recalled) return `recall of #${event.recalled.targetSeq} by ${event.actorUid}`;
  return `${kindOf(event)} by ${event.actorUid}`;
}

/** The name of an event's kind. */
export function kindOf(event: WireEvent): string {
  return Object.keys(event).find((key) => !COMMON_KEYS.has(key)) ?? 'event of no kind';
}
