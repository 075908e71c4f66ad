import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import { invalidField } from '@im/common/errors/im-error.ts';
import type { CreateBlockRequest } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { FriendContext } from '../context.ts';
import { blockPolicy } from '../domain/notices.ts';
import { handOver, noteForChat } from '../hand-over.ts';
import { hasBlocked, insertBlock } from '../store/block.ts';

/**
 * Refuses somebody's messages, requests and invitations from now on; again is
 * harmless. Friendship and requests that are open stay as they are: theirs was
 * delivered and is the caller's to answer, the caller's own is theirs to take
 * back. USER_NOT_FOUND, INVALID_FIELD (oneself).
 */
export async function createBlock(
  context: FriendContext,
  { uid: other }: CreateBlockRequest,
  ctx: CallContext,
): Promise<Record<string, never>> {
  const { uid } = callerUser(ctx);
  if (other === uid) throw invalidField('uid', 'nobody blocks oneself');
  await context.users.getUser({ uid: other }, { within: ctx });
  await retryLostRace(() =>
    context.database.transaction(async (trx) => {
      if (await hasBlocked(trx, uid, other)) return;
      const at = context.now();
      await insertBlock(trx, { owner_uid: uid, blocked_uid: other, since: at });
      await noteForChat(trx, [blockPolicy(uid, other, true, at)], at);
    }),
  );
  await handOver(context, [uid, other], ctx);
  return {};
}
