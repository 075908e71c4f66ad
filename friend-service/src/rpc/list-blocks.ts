import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  ListBlocksRequest,
  ListBlocksResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { decodePageToken, encodePageToken, pageSizeOf } from '@im/common/utils/page-token.ts';
import { z } from 'zod';
import type { FriendContext } from '../context.ts';
import { listBlockRows } from '../store/block.ts';
import { usersByUid } from '../users-by-uid.ts';

const position = z.strictObject({ since: z.int(), uid: z.string() });

/** Those whom the caller blocks, the oldest block first; without `user` while user-service is away. */
export async function listBlocks(
  context: FriendContext,
  request: ListBlocksRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof ListBlocksResponseSchema>> {
  const { uid } = callerUser(ctx);
  const size = pageSizeOf(request.pageSize);
  const rows = await listBlockRows(context.database.read, {
    ownerUid: uid,
    after: request.pageToken === '' ? undefined : decodePageToken(request.pageToken, position),
    limit: size + 1,
  });
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const users = await usersByUid(
    context,
    page.map((row) => row.blocked_uid),
    ctx,
  );
  return {
    blocks: page.map((row) => ({
      uid: row.blocked_uid,
      since: new Date(row.since).toISOString(),
      user: users.get(row.blocked_uid),
    })),
    nextPageToken:
      last && rows.length > size ? encodePageToken({ since: last.since, uid: last.blocked_uid }) : '',
  };
}
