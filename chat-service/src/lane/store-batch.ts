import type { Transaction } from 'kysely';
import { insertAppendPositions, updateAppendPositions } from '../store/append-position.ts';
import { insertConversations, updateConversations } from '../store/conversation.ts';
import { insertEvents, updateEventStates } from '../store/event.ts';
import { insertHidden } from '../store/hidden-message.ts';
import { updatePartitions } from '../store/log-partition.ts';
import { insertMembers, type MemberTable, updateMembers } from '../store/member.ts';
import { insertMentions } from '../store/mention.ts';
import { insertMessageKeys } from '../store/message-key.ts';
import type { ChatSchema } from '../store/schema.ts';
import { closeSpans, insertSpans } from '../store/span.ts';
import type { Batch } from './batch.ts';
import type { ConversationDraft } from './conversation-draft.ts';

/**
 * Writes everything that a batch's records changed. What is new is inserted, the
 * rest updated by key; a statement for each table, since each is a round trip.
 */
export async function storeBatch(trx: Transaction<ChatSchema>, batch: Batch): Promise<void> {
  const drafts = [...batch.drafts()];
  const changed = drafts.filter((draft) => draft.rowChanged);
  const [newRows, rows] = [changed.filter((draft) => draft.isNew), changed.filter((draft) => !draft.isNew)];
  await insertConversations(
    trx,
    newRows.map((draft) => draft.row),
  );
  await updateConversations(
    trx,
    rows.map((draft) => draft.row),
  );
  await insertMembers(
    trx,
    drafts.flatMap((draft) => membersOf(draft, (uid) => draft.newMembers.has(uid))),
  );
  await updateMembers(
    trx,
    drafts.flatMap((draft) => membersOf(draft, (uid) => !draft.newMembers.has(uid))),
  );
  await insertSpans(
    trx,
    drafts.flatMap((draft) => draft.newSpans),
  );
  await closeSpans(
    trx,
    drafts.flatMap((draft) => draft.closedSpans),
  );
  await insertEvents(trx, batch.newEvents);
  await updateEventStates(trx, [...batch.changedEvents]);
  await insertMessageKeys(trx, batch.newKeys);
  await insertMentions(trx, batch.newMentions);
  await insertHidden(trx, batch.newHidden);
  await insertAppendPositions(trx, batch.newPositions);
  await updateAppendPositions(trx, [...batch.changedPositions]);
  await updatePartitions(
    trx,
    [...batch.changedPartitions].map((id) => batch.partitions.get(id)!),
  );
}

function membersOf(draft: ConversationDraft, test: (uid: string) => boolean): Readonly<MemberTable>[] {
  const rows: Readonly<MemberTable>[] = [];
  for (const [uid, { row }] of draft.changedMembers) if (test(uid)) rows.push(row);
  return rows;
}
