import { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { MemberTable } from '../store/member.ts';
import type { ConversationState } from './conversation-state.ts';

/** A conversation to which nothing was written yet. */
export function emptyConversation(partitionId: number, conversationId: string): ConversationState {
  return {
    row: {
      partition_id: partitionId,
      conversation_id: conversationId,
      head_seq: 0,
      head_count: 0,
      head_change_no: 0,
      head_at: 0,
      last_message_seq: 0,
      members_seq: 0,
      audience_no: 0,
      cache_no: 0,
      friends: 0,
      blocked_by_lower: 0,
      blocked_by_higher: 0,
      mute_all: 0,
      closed: 0,
      disabled: 0,
    },
    members: new Map(),
  };
}

/** A new member's own row. */
export function newMember(
  partitionId: number,
  conversationId: string,
  uid: string,
  changeNo: number,
  role: number = Role_Value.MEMBER,
): MemberTable {
  return {
    partition_id: partitionId,
    conversation_id: conversationId,
    uid,
    role,
    muted_until: 0,
    nickname: '',
    read_seq: 0,
    read_count: 0,
    cleared_seq: 0,
    cleared_count: 0,
    muted: 0,
    pinned: 0,
    hidden: 0,
    draft: '',
    change_no: changeNo,
  };
}
