import type { AddMembers, RemoveMembers, UpdateMember } from '@im/common/gen/im/chat/v1/control_pb.ts';
import { HistoryPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { Batch } from '../../lane/batch.ts';
import type { ConversationDraft } from '../../lane/conversation-draft.ts';
import { isMember } from '../../lane/conversation-state.ts';
import { newMember } from '../../lane/empty-conversation.ts';
import type { MemberTable } from '../../store/member.ts';
import type { ControlOrigin } from './control-origin.ts';

/** Opens a span for each who is not a member yet: from the first event, or from this one. */
export function addMembers(
  batch: Batch,
  draft: ConversationDraft,
  origin: ControlOrigin,
  { uids, inviterUid, role, history }: AddMembers,
): void {
  const joining = [...new Set(uids)].filter((uid) => !isMember(draft.member(uid)));
  if (joining.length === 0 || draft.row.closed === 1) return;
  const { partition_id, conversation_id, head_seq, head_count } = draft.row;
  const seq = head_seq + 1;
  const fromStart = history === HistoryPolicy_Value.ALL || head_seq === 0;
  const changeNo = batch.nextChangeNo(draft);
  for (const uid of joining) {
    if (draft.member(uid))
      draft.updateMember(uid, { role, muted_until: 0, nickname: '', change_no: changeNo });
    else draft.addMember(newMember(partition_id, conversation_id, uid, changeNo, role));
    draft.openSpan(uid, {
      partition_id,
      conversation_id,
      uid,
      opened_at: changeNo,
      from_seq: fromStart ? 1 : seq,
      from_count: fromStart ? 0 : head_count,
      to_seq: null,
      to_count: null,
      to_at: null,
      closed_at: null,
    });
  }
  draft.row.members_seq = seq;
  batch.audienceChanged(draft, changeNo);
  const kind = { case: 'memberAdded', value: { uids: joining, inviterUid } } as const;
  batch.appendEvent(draft, { ...origin, kind }, changeNo);
}

/** The event that removes a member is the last they see. */
export function removeMembers(
  batch: Batch,
  draft: ConversationDraft,
  origin: ControlOrigin,
  { uids, left }: RemoveMembers,
): void {
  const leaving = [...new Set(uids)].filter((uid) => isMember(draft.member(uid)));
  if (leaving.length === 0 || draft.row.closed === 1) return;
  const seq = draft.row.head_seq + 1;
  const changeNo = batch.nextChangeNo(draft);
  for (const uid of leaving) {
    draft.closeSpan(uid, {
      to_seq: seq,
      to_count: draft.row.head_count,
      to_at: origin.at,
      closed_at: changeNo,
    });
  }
  draft.row.members_seq = seq;
  batch.audienceChanged(draft, changeNo);
  const kind = { case: 'memberRemoved', value: { uids: leaving, left } } as const;
  batch.appendEvent(draft, { ...origin, kind }, changeNo);
}

/** Role, mute and nickname of a member; what is absent stays. */
export function updateMember(
  batch: Batch,
  draft: ConversationDraft,
  origin: ControlOrigin,
  { uid, role, mutedUntil, nickname }: UpdateMember,
): void {
  if (!isMember(draft.member(uid)) || draft.row.closed === 1) return;
  const changes: Partial<MemberTable> = {};
  if (role !== undefined) changes.role = role;
  // What cannot be read mutes nobody: refusing it would hold up all that the service appends after it.
  if (mutedUntil !== undefined) changes.muted_until = Date.parse(mutedUntil) || 0;
  if (nickname !== undefined) changes.nickname = nickname;
  draft.updateMember(uid, changes);
  const kind = { case: 'memberUpdated', value: { uid, role, mutedUntil, nickname } } as const;
  batch.appendEvent(draft, { ...origin, kind });
}
