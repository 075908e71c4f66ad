import type { MessageInitShape } from '@bufbuild/protobuf';
import { type GroupSchema, JoinPolicy_Value as JoinPolicy } from '@im/common/gen/im/group/v1/group_pb.ts';
import { groupConversationId } from '@im/common/utils/conversation-id.ts';
import type { GroupRow } from '../store/grp.ts';
import { groupNotFound } from './group-not-found.ts';

type Group = MessageInitShape<typeof GroupSchema>;

/** A group as its members see it. */
export function groupView(row: GroupRow): Group {
  return {
    ...publicFields(row),
    announcement: row.announcement,
    ownerUid: row.owner_uid,
    historyPolicy: row.history_policy,
    muteAll: row.mute_all === 1,
    createdAt: new Date(row.created_at).toISOString(),
  };
}

/** What others see of a group that they may ask to join; one that invites only is not there for them: GROUP_NOT_FOUND. */
export function outsideView(row: GroupRow): Group {
  if (row.join_policy === JoinPolicy.INVITE_ONLY) throw groupNotFound();
  return publicFields(row);
}

function publicFields(row: GroupRow): Group {
  return {
    groupId: row.group_id,
    conversationId: groupConversationId(row.group_id),
    name: row.name,
    avatarUrl: row.avatar_url,
    memberCount: row.member_count,
    joinPolicy: row.join_policy,
  };
}
