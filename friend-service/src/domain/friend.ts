import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FriendSchema } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type { User } from '@im/common/gen/im/user/v1/user_pb.ts';
import type { FriendshipRow } from '../store/friendship.ts';

/** A friend as the owner of the friendship sees them. */
export function friendOf(row: FriendshipRow, user: User | undefined): MessageInitShape<typeof FriendSchema> {
  return { uid: row.friend_uid, remark: row.remark, since: new Date(row.since).toISOString(), user };
}
