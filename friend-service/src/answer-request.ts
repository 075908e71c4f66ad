import { ImError } from '@im/common/errors/im-error.ts';
import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { FriendContext } from './context.ts';
import { handOver } from './hand-over.ts';
import { settleRequest } from './settle-request.ts';
import { type Decision, type FriendRequestRow, findRequest } from './store/friend-request.ts';

/**
 * The caller's answer to a request addressed to them; giving the same answer
 * again is harmless. FRIEND_REQUEST_NOT_FOUND (also for its sender, whose it is
 * not to answer, and for one that was withheld), REQUEST_NOT_PENDING.
 */
export async function answerRequest(
  context: FriendContext,
  answer: { requestId: string; state: Decision },
  ctx: CallContext,
): Promise<FriendRequestRow> {
  const { uid } = callerUser(ctx);
  const request = await context.database.transaction(async (trx) => {
    const asked = await findRequest(trx, answer.requestId);
    if (asked?.withheld === 1) return undefined;
    return settleRequest(trx, { ...answer, toUid: uid, at: context.now() });
  });
  if (!request) throw new ImError('FRIEND_REQUEST_NOT_FOUND', 'there is no such request to you');
  if (request.state !== answer.state) {
    throw new ImError('REQUEST_NOT_PENDING', 'the request has been answered otherwise already');
  }
  if (request.state === State.ACCEPTED) {
    await context.friendLists.forget([request.from_uid, request.to_uid]);
  }
  await handOver(context, [request.from_uid, request.to_uid], ctx);
  return request;
}
