import type { SetAccountState } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { Batch } from '../../lane/batch.ts';
import type { ConversationDraft } from '../../lane/conversation-draft.ts';
import { ensureMembers } from '../direct-members.ts';
import { noticeOwner } from './notice.ts';

/** From here on the user can be written to. */
export function openAccount(batch: Batch, draft: ConversationDraft): void {
  ensureMembers(draft, batch.nextChangeNo(draft), [noticeOwner(draft)]);
  batch.changedAccounts.add(noticeOwner(draft));
}

export function setAccountState(
  batch: Batch,
  draft: ConversationDraft,
  { disabled, closed }: SetAccountState,
): void {
  openAccount(batch, draft);
  draft.row.disabled = Number(disabled);
  draft.row.closed = Number(closed);
  draft.row.cache_no = batch.nextChangeNo(draft);
  draft.markRowChanged();
}

/** Makes the profile due in its owner's sync. */
export function changeProfile(batch: Batch, draft: ConversationDraft): void {
  const uid = noticeOwner(draft);
  const changeNo = batch.nextChangeNo(draft);
  ensureMembers(draft, changeNo, [uid]);
  draft.updateMember(uid, { change_no: changeNo });
  draft.row.cache_no = changeNo;
  draft.markRowChanged();
  batch.publish(draft, changeNo, [uid], { case: 'profile', value: { uid } });
}
