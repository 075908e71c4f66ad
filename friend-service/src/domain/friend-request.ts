import type { MessageInitShape } from '@bufbuild/protobuf';
import type { FriendRequestSchema } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type { FriendRequestRow } from '../store/friend-request.ts';

/**
 * A request as one of its two parties sees it. Of one that was withheld its
 * addressee may learn that it became a friendship, never what it said.
 */
export function friendRequestOf(
  row: FriendRequestRow,
  viewerUid: string,
): MessageInitShape<typeof FriendRequestSchema> {
  return {
    requestId: row.request_id,
    fromUid: row.from_uid,
    toUid: row.to_uid,
    message: row.withheld === 1 && viewerUid === row.to_uid ? '' : row.message,
    state: row.state,
    createdAt: new Date(row.created_at).toISOString(),
  };
}
