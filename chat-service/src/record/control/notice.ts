import type { EventKind } from '../../domain/event-body.ts';
import type { Batch } from '../../lane/batch.ts';
import type { ConversationDraft } from '../../lane/conversation-draft.ts';
import { ensureMembers } from '../direct-members.ts';
import type { ControlOrigin } from './control-origin.ts';

/** The user whose notices these are. */
export function noticeOwner(draft: ConversationDraft): string {
  return draft.row.conversation_id.slice('n:'.length);
}

/** An event for one user's eyes. */
export function notify(batch: Batch, draft: ConversationDraft, origin: ControlOrigin, kind: EventKind): void {
  const changeNo = batch.nextChangeNo(draft);
  ensureMembers(draft, changeNo, [noticeOwner(draft)]);
  batch.appendEvent(draft, { ...origin, kind }, changeNo);
}
