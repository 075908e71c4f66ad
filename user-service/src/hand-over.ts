import type { CallContext } from '@im/common/rpc/context.ts';
import { noticeConversationId } from '@im/common/utils/conversation-id.ts';
import type { UserContext } from './context.ts';
import { authTopic } from './domain/outbox-rows.ts';

/** Milliseconds kept of a caller's deadline for the answer's own way back. */
const ANSWER_RESERVE_MS = 100;

/** The topic of an account for each service that is told of it. */
const TOPIC_OF = { chat: noticeConversationId, auth: authTopic };

/**
 * Waits, after COMMIT, until those who were told of an account's change have
 * taken it, so that on return it can be written to, or is signed out. Gives up
 * quietly when one of them is slow or away: the change stands and is handed over
 * later.
 */
export async function handOver(
  context: UserContext,
  uid: string,
  receivers: readonly (keyof typeof TOPIC_OF)[],
  ctx: CallContext,
): Promise<void> {
  context.relay.wake();
  const left = ctx.deadlineAt - performance.now() - ANSWER_RESERVE_MS;
  const timeoutMs = Math.min(context.config.handOverTimeoutMs, left);
  const topics = receivers.map((receiver) => TOPIC_OF[receiver](uid));
  if (timeoutMs > 0) await context.relay.flush(topics, timeoutMs);
}
