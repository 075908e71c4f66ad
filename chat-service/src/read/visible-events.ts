import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { withoutContent } from '@im/common/utils/without-content.ts';
import type { Kysely } from 'kysely';
import { decodeKind, eventFromRow } from '../domain/event-body.ts';
import { type EventTable, readEvents } from '../store/event.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { Viewer } from './viewer.ts';

/**
 * Stored events as one viewer may see them, in the order given: those outside
 * their spans are left out, an event about something outside comes without
 * content, and a message shows what the edits that the viewer may see made of it.
 *
 * @param hidden seqs of messages that the viewer hid
 */
export async function visibleEvents(
  db: Kysely<ChatSchema>,
  rows: readonly EventTable[],
  viewer: Viewer,
  hidden: ReadonlySet<number>,
): Promise<Event[]> {
  const events: Event[] = [];
  for (const row of rows) {
    if (!viewer.sees(row.seq)) continue;
    if (row.is_message === 1) {
      if (!hidden.has(row.seq)) events.push(await visibleMessage(db, row, viewer));
      continue;
    }
    const event = eventFromRow(row, viewer.head.headSeq);
    const blind = row.target_seq !== 0 && (!viewer.sees(row.target_seq) || hidden.has(row.target_seq));
    events.push(blind ? withoutContent(event) : event);
  }
  return events;
}

async function visibleMessage(db: Kysely<ChatSchema>, row: EventTable, viewer: Viewer): Promise<Event> {
  const { headSeq } = viewer.head;
  if (row.last_edit_seq === 0 || viewer.sees(row.last_edit_seq)) return eventFromRow(row, headSeq);
  // The newest edit came when the viewer was not there: what they saw stands, if it was not recalled.
  const original = eventFromRow({ ...row, state: null }, headSeq);
  const { kind } = original;
  if (kind.case !== 'message') return original;
  const edit = await newestVisibleEdit(db, row, viewer);
  const edited = edit && decodeKind(edit);
  if (edited?.case === 'edited') kind.value.content = edited.value.content;
  kind.value.editedAt = edit && new Date(edit.at).toISOString();
  return original;
}

async function newestVisibleEdit(
  db: Kysely<ChatSchema>,
  row: EventTable,
  viewer: Viewer,
): Promise<EventTable | undefined> {
  let seq = row.last_edit_seq;
  while (seq !== 0) {
    const [edit] = await readEvents(db, [[row.partition_id, row.conversation_id, seq]]);
    if (!edit || viewer.sees(seq)) return edit;
    seq = edit.last_edit_seq;
  }
  return undefined;
}
