import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FriendRequestSchema } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type { FriendRequestRow } from '../store/friend-request.ts';

/** A request as its two parties see it. */
export function friendRequestOf(row: FriendRequestRow): MessageInitShape<typeof FriendRequestSchema> {
  return {
    requestId: row.request_id,
    fromUid: row.from_uid,
    toUid: row.to_uid,
    message: row.message,
    state: row.state,
    createdAt: new Date(row.created_at).toISOString(),
  };
}
