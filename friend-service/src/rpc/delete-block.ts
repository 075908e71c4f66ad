import type { DeleteBlockRequest } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import type { FriendContext } from '../context.ts';
import { blockPolicy } from '../domain/notices.ts';
import { handOver, noteForChat } from '../hand-over.ts';
import { deleteBlockRow } from '../store/block.ts';

/** Ends a block, if there is one. What was withheld meanwhile stays so. */
export async function deleteBlock(
  context: FriendContext,
  { uid: other }: DeleteBlockRequest,
  ctx: CallContext,
): Promise<Record<string, never>> {
  const { uid } = callerUser(ctx);
  await context.database.transaction(async (trx) => {
    if (!(await deleteBlockRow(trx, uid, other))) return;
    const at = context.now();
    await noteForChat(trx, [blockPolicy(uid, other, false, at)], at);
  });
  await handOver(context, [uid, other], ctx);
  return {};
}
