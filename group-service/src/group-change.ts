import { chatOutboxRow } from '@im/common/model/chat-relay.ts';
import { appendOutbox } from '@im/common/model/outbox.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { groupConversationId } from '@im/common/utils/conversation-id.ts';
import type { Transaction } from 'kysely';
import type { GroupContext } from './context.ts';
import type { ControlKind, ControlRecord } from './domain/control-record.ts';
import { groupNotFound } from './domain/group-not-found.ts';
import { handOver } from './hand-over.ts';
import { findGroup, type GroupRow, touchGroup } from './store/grp.ts';
import type { GroupTables } from './store/tables.ts';

/** A change of one group under way: its transaction, and what the group's log will be told. */
export interface GroupChange {
  readonly trx: Transaction<GroupTables>;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The group as it was when the change began. */
  readonly group: GroupRow;
  /** Tells chat-service what `actorUid` did, after what was told before. */
  tell(actorUid: string, kind: ControlKind): void;
}

/**
 * Makes a change of a group: alone, in one transaction with all that
 * chat-service is to be told of it, and handed over before it returns. A change
 * that tells nothing writes nothing for chat-service. Throws GROUP_NOT_FOUND,
 * also for a dismissed group unless `evenDismissed`.
 */
export async function changeGroup<T>(
  context: GroupContext,
  target: { groupId: string; evenDismissed?: boolean },
  ctx: CallContext,
  work: (change: GroupChange) => Promise<T>,
): Promise<T> {
  const { groupId, evenDismissed = false } = target;
  const result = await context.database.transaction(async (trx) => {
    // Locks the row before anything is read of the group.
    const group = (await touchGroup(trx, groupId)) && (await findGroup(trx, groupId));
    if (!group || (group.dismissed_at !== null && !evenDismissed)) throw groupNotFound();
    return tellingChat(trx, group, context.now(), work);
  });
  await handOver(context, groupId, ctx);
  return result;
}

/** Runs `work` for a group that is in the transaction, and notes what it tells. */
export async function tellingChat<T>(
  trx: Transaction<GroupTables>,
  group: GroupRow,
  at: number,
  work: (change: GroupChange) => Promise<T>,
): Promise<T> {
  const records: ControlRecord[] = [];
  const time = new Date(at).toISOString();
  const tell = (actorUid: string, kind: ControlKind) => void records.push({ actorUid, at: time, kind });
  const result = await work({ trx, at, group, tell });
  if (records.length > 0) {
    await appendOutbox(trx, { ...chatOutboxRow(groupConversationId(group.group_id), records), at });
  }
  return result;
}
