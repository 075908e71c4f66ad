import type { Kysely } from 'kysely';
import type { EventTable } from '../store/event.ts';
import { readHiddenSeqs } from '../store/hidden-message.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { Viewer } from './viewer.ts';

/** The seqs that the viewer hid among these events and what they are about. */
export async function hiddenAmong(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  rows: readonly Pick<EventTable, 'seq' | 'target_seq'>[],
): Promise<ReadonlySet<number>> {
  if (rows.length === 0) return new Set();
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const { seq, target_seq } of rows) {
    // An edit may be about a message far below it.
    lowest = Math.min(lowest, target_seq > 0 ? target_seq : seq);
    highest = Math.max(highest, seq);
  }
  const { partition_id, conversation_id, uid } = viewer.membership;
  return readHiddenSeqs(db, partition_id, conversation_id, uid, lowest, highest);
}
