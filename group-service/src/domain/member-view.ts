import type { MessageInitShape } from '@bufbuild/protobuf';
import type { GroupMemberSchema } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { User } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { MemberRow } from '../store/member.ts';

/** A member as the others see them. `now`: milliseconds since 1970; a mute that is over is none. */
export function memberView(
  row: MemberRow,
  user: User | undefined,
  now: number,
): MessageInitShape<typeof GroupMemberSchema> {
  return {
    uid: row.uid,
    role: row.role,
    nickname: row.nickname,
    mutedUntil: row.muted_until > now ? new Date(row.muted_until).toISOString() : undefined,
    joinedAt: new Date(row.joined_at).toISOString(),
    user,
  };
}
