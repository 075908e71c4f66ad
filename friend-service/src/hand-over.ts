import { chatOutboxRow } from '@im/common/model/chat-relay.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { Transaction } from 'kysely';
import type { FriendContext } from './context.ts';
import { type Notice, noticeConversations } from './domain/notices.ts';
import type { FriendTables } from './store/tables.ts';

/** Milliseconds kept of a caller's deadline for the answer's own way back. */
const ANSWER_RESERVE_MS = 100;

/** Notes, in the transaction of the change itself, what chat-service is to be told. */
export async function noteForChat(
  trx: Transaction<FriendTables>,
  notices: readonly Notice[],
  at: number,
): Promise<void> {
  // Always in the same order, so that two who do it at once do not meet in a deadlock.
  const inOrder = notices.toSorted((a, b) => (a.conversationId < b.conversationId ? -1 : 1));
  for (const { conversationId, records } of inOrder) {
    await appendOutbox(trx, { ...chatOutboxRow(conversationId, records), at });
  }
}

/**
 * Waits, after COMMIT, until chat-service has taken what concerns these two
 * people, so that on return they see and may do what changed. Gives up
 * quietly when chat-service is slow or away: the change stands and is handed
 * over later. A repeated call, which changes nothing, waits as well: the first
 * may have died before it could.
 */
export async function handOver(
  context: FriendContext,
  [uid, other]: readonly [uid: string, other: string],
  ctx: CallContext,
): Promise<void> {
  context.relay.wake();
  const left = ctx.deadlineAt - performance.now() - ANSWER_RESERVE_MS;
  const timeoutMs = Math.min(context.config.handOverTimeoutMs, left);
  if (timeoutMs > 0) await context.relay.flush(noticeConversations(uid, other), timeoutMs);
}
