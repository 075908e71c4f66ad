import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListFriendsRequest,
  ListFriendsResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { decodePageToken, encodePageToken, pageSizeOf } from '@im/common/utils/page-token.ts';
import { z } from 'zod';
import type { FriendContext } from '../context.ts';
import { friendOf } from '../domain/friend.ts';
import { readFriends } from '../friend-lists.ts';
import { usersByUid } from '../users-by-uid.ts';

const position = z.strictObject({ since: z.int(), uid: z.string() });

/**
 * The caller's friends, the oldest friendship first. While user-service is
 * away they are listed without `user`.
 */
export async function listFriends(
  context: FriendContext,
  request: ListFriendsRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof ListFriendsResponseSchema>> {
  const { uid } = callerUser(ctx);
  const size = pageSizeOf(request.pageSize);
  const rows = await readFriends(context, {
    uid,
    after: request.pageToken === '' ? undefined : decodePageToken(request.pageToken, position),
    limit: size + 1,
  });
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const users = await usersByUid(
    context,
    page.map((row) => row.friend_uid),
    ctx,
  );
  return {
    friends: page.map((row) => friendOf(row, users.get(row.friend_uid))),
    nextPageToken:
      last && rows.length > size ? encodePageToken({ since: last.since, uid: last.friend_uid }) : '',
  };
}
