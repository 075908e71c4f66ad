import type { ConversationDraft } from '../lane/conversation-draft.ts';
import { newMember } from '../lane/empty-conversation.ts';
import { directParties } from './access.ts';

/** Makes the people of a direct or notice conversation its members from its first event on, once. */
export function ensureMembers(
  draft: ConversationDraft,
  changeNo: number,
  uids = directParties(draft.row.conversation_id),
): void {
  for (const uid of uids) {
    if (draft.member(uid)) continue;
    const { partition_id, conversation_id } = draft.row;
    draft.addMember(newMember(partition_id, conversation_id, uid, changeNo));
    draft.openSpan(uid, {
      partition_id,
      conversation_id,
      uid,
      opened_at: changeNo,
      from_seq: 1,
      from_count: 0,
      to_seq: null,
      to_count: null,
      to_at: null,
      closed_at: null,
    });
    draft.row.cache_no = changeNo;
    draft.markRowChanged();
  }
}
