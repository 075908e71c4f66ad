import type { Transaction } from 'kysely';
import { insertAppendPositions, updateAppendPositions } from '../store/append-position.ts';
import { insertConversations, updateConversations } from '../store/conversation.ts';
import { insertEvents, updateEventStates } from '../store/event.ts';
import { insertHidden } from '../store/hidden-message.ts';
import { updatePartitions } from '../store/log-partition.ts';
import { insertMembers, updateMembers } from '../store/member.ts';
import { insertMentions } from '../store/mention.ts';
import { insertMessageKeys } from '../store/message-key.ts';
import type { ChatSchema } from '../store/schema.ts';
import { closeSpans, insertSpans } from '../store/span.ts';
import type { Batch } from './batch.ts';

/** Writes everything that a batch's records changed. What is new is inserted, the rest updated by key. */
export async function storeBatch(trx: Transaction<ChatSchema>, batch: Batch): Promise<void> {
  for (const draft of batch.drafts()) {
    if (draft.rowChanged) await (draft.isNew ? insertConversations : updateConversations)(trx, [draft.row]);
    const changed = [...draft.changedMembers.values()].map((member) => member.row);
    await insertMembers(
      trx,
      changed.filter((row) => draft.newMembers.has(row.uid)),
    );
    await updateMembers(
      trx,
      changed.filter((row) => !draft.newMembers.has(row.uid)),
    );
    await insertSpans(trx, draft.newSpans);
    await closeSpans(trx, draft.closedSpans);
  }
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
