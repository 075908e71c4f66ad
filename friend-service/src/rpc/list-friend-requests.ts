import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  FriendRequestDirection_Value as Direction,
  type ListFriendRequestsRequest,
  type ListFriendRequestsResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { decodePageToken, encodePageToken, pageSizeOf } from '@im/common/utils/page-token.ts';
import { z } from 'zod';
import type { FriendContext } from '../context.ts';
import { friendRequestOf } from '../domain/friend-request.ts';
import { listRequests } from '../store/friend-request.ts';

const position = z.strictObject({ createdAt: z.int(), requestId: z.string() });

/** Requests to the caller (or from them), the newest first, whatever became of them. */
export async function listFriendRequests(
  context: FriendContext,
  request: ListFriendRequestsRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof ListFriendRequestsResponseSchema>> {
  const { uid } = callerUser(ctx);
  const size = pageSizeOf(request.pageSize);
  const rows = await listRequests(context.database.read, {
    column: request.direction === Direction.OUTGOING ? 'from_uid' : 'to_uid',
    uid,
    after: request.pageToken === '' ? undefined : decodePageToken(request.pageToken, position),
    limit: size + 1,
  });
  const page = rows.slice(0, size);
  const last = page.at(-1);
  return {
    requests: page.map((row) => friendRequestOf(row, uid)),
    nextPageToken:
      last && rows.length > size
        ? encodePageToken({ createdAt: last.created_at, requestId: last.request_id })
        : '',
  };
}
