import type { AddFriendship, RemoveFriendship, SetBlock } from '@im/common/gen/im/chat/v1/control_pb.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { Batch } from '../../lane/batch.ts';
import type { ConversationDraft } from '../../lane/conversation-draft.ts';
import { ensureMembers } from '../direct-members.ts';
import type { ControlOrigin } from './control-origin.ts';

/** Opens the direct conversation. */
export function addFriendship(
  batch: Batch,
  draft: ConversationDraft,
  origin: ControlOrigin,
  { uid }: AddFriendship,
): void {
  if (draft.row.friends === 1) return;
  const changeNo = batch.nextChangeNo(draft);
  ensureMembers(draft, changeNo);
  draft.row.friends = 1;
  batch.appendEvent(draft, { ...origin, kind: { case: 'friendAdded', value: { uid } } }, changeNo);
}

export function removeFriendship(
  batch: Batch,
  draft: ConversationDraft,
  origin: ControlOrigin,
  { uid }: RemoveFriendship,
): void {
  if (draft.row.friends === 0) return;
  draft.row.friends = 0;
  batch.appendEvent(draft, { ...origin, kind: { case: 'friendRemoved', value: { uid } } });
}

/** Only policy: stamps nothing that anybody is shown, so that a block shows nowhere. */
export function setBlock(batch: Batch, draft: ConversationDraft, { blockerUid, blocked }: SetBlock): void {
  const id = parseConversationId(draft.row.conversation_id);
  if (id?.kind !== 'direct' || (blockerUid !== id.lower && blockerUid !== id.higher)) return;
  const side = id.lower === blockerUid ? 'blocked_by_lower' : 'blocked_by_higher';
  draft.row[side] = Number(blocked);
  draft.row.cache_no = batch.nextChangeNo(draft);
  draft.markRowChanged();
}
