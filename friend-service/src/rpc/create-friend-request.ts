import type { MessageInitShape } from '@bufbuild/protobuf';
import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import { invalidField } from '@im/common/errors/im-error.ts';
import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import type {
  CreateFriendRequestRequest,
  CreateFriendRequestResponseSchema,
} from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { FriendContext } from '../context.ts';
import { friendRequestOf } from '../domain/friend-request.ts';
import { handOver } from '../hand-over.ts';
import { openRequest } from '../open-request.ts';

/**
 * Asks somebody for a friendship. Where they have asked already, their request
 * is accepted and answered; asking again answers the open request as it is,
 * its first message kept. USER_NOT_FOUND, INVALID_FIELD (oneself),
 * ALREADY_FRIENDS.
 */
export async function createFriendRequest(
  context: FriendContext,
  { uid: toUid, message = '' }: CreateFriendRequestRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof CreateFriendRequestResponseSchema>> {
  const { uid: fromUid } = callerUser(ctx);
  if (toUid === fromUid) throw invalidField('uid', 'nobody asks for a friendship with oneself');
  await context.users.getUser({ uid: toUid }, { within: ctx });
  const request = await retryLostRace(() =>
    context.database.transaction((trx) => openRequest(trx, { fromUid, toUid, message, at: context.now() })),
  );
  // Also where they are friends already: who made them so may have died before it could say so.
  if (request?.state !== State.PENDING) await context.friendLists.forget([fromUid, toUid]);
  await handOver(context, [fromUid, toUid], ctx);
  return { request: friendRequestOf(request, fromUid) };
}
