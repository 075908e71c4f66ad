import type { UpdateGroup } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { Batch } from '../../lane/batch.ts';
import type { ConversationDraft } from '../../lane/conversation-draft.ts';
import type { ControlOrigin } from './control-origin.ts';

export function updateGroup(
  batch: Batch,
  draft: ConversationDraft,
  origin: ControlOrigin,
  { group }: UpdateGroup,
): void {
  if (draft.row.closed === 1) return;
  draft.row.mute_all = group?.muteAll ? 1 : 0;
  batch.appendEvent(draft, { ...origin, kind: { case: 'groupUpdated', value: { group } } });
}

/** Members keep what they have; nobody sends any more. */
export function dismissGroup(batch: Batch, draft: ConversationDraft, origin: ControlOrigin): void {
  if (draft.row.closed === 1) return;
  draft.row.closed = 1;
  batch.appendEvent(draft, { ...origin, kind: { case: 'groupDismissed', value: {} } });
}
