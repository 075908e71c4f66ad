import type { MessageInitShape } from '@bufbuild/protobuf';
import { ImError } from '@im/common/errors/im-error.ts';
import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type {
  CancelFriendRequestRequest,
  CancelFriendRequestResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { Transaction } from 'kysely';
import type { FriendContext } from '../context.ts';
import { friendRequestOf } from '../domain/friend-request.ts';
import { requestNotices } from '../domain/notices.ts';
import { handOver, noteForChat } from '../hand-over.ts';
import { hasBlocked } from '../store/block.ts';
import { cancelRequest, type FriendRequestRow, findRequest } from '../store/friend-request.ts';
import type { FriendTables } from '../store/tables.ts';

/**
 * Takes back a request of the caller's that waits for its answer; again is
 * harmless. FRIEND_REQUEST_NOT_FOUND (also for its addressee, whose it is not
 * to take back), REQUEST_NOT_PENDING.
 */
export async function cancelFriendRequest(
  context: FriendContext,
  { requestId }: CancelFriendRequestRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof CancelFriendRequestResponseSchema>> {
  const { uid } = callerUser(ctx);
  const request = await context.database.transaction((trx) =>
    takeBack(trx, { requestId, fromUid: uid, at: context.now() }),
  );
  if (!request) throw new ImError('FRIEND_REQUEST_NOT_FOUND', 'there is no such request of yours');
  if (request.state !== State.CANCELLED) {
    throw new ImError('REQUEST_NOT_PENDING', 'the request has been answered already');
  }
  await handOver(context, [request.from_uid, request.to_uid], ctx);
  return { request: friendRequestOf(request, uid) };
}

/** The request as it stands then; undefined when `fromUid` made none such. */
async function takeBack(
  trx: Transaction<FriendTables>,
  asked: { requestId: string; fromUid: string; at: number },
): Promise<FriendRequestRow | undefined> {
  const { fromUid, at } = asked;
  const cancelled = await cancelRequest(trx, asked);
  const request = await findRequest(trx, asked.requestId);
  if (request?.from_uid !== fromUid) return undefined;
  if (!cancelled) return request;
  // Nothing of the blocked one's reaches who blocks them, nor what they never heard of.
  const unheard = request.withheld === 1 || (await hasBlocked(trx, request.to_uid, fromUid));
  const tell = unheard ? [fromUid] : [fromUid, request.to_uid];
  await noteForChat(trx, requestNotices(request, { actorUid: fromUid, tell, atMs: at }), at);
  return request;
}
