import type { CallContext } from '@im/common/rpc/context.ts';
import { groupConversationId } from '@im/common/utils/conversation-id.ts';
import type { GroupContext } from './context.ts';

/** Milliseconds kept of a caller's deadline for the answer's own way back. */
const ANSWER_RESERVE_MS = 100;

/**
 * Waits, after COMMIT, until chat-service has taken what concerns the group, so
 * that on return who was removed can no longer send. Gives up quietly when
 * chat-service is slow or away: the change stands and is handed over later. A
 * repeated call, which changes nothing, waits as well: the first may have died
 * before it could.
 */
export async function handOver(context: GroupContext, groupId: string, ctx: CallContext): Promise<void> {
  context.relay.wake();
  const left = ctx.deadlineAt - performance.now() - ANSWER_RESERVE_MS;
  const timeoutMs = Math.min(context.config.handOverTimeoutMs, left);
  if (timeoutMs > 0) await context.relay.flush([groupConversationId(groupId)], timeoutMs);
}
