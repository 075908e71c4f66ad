import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Kysely } from 'kysely';
import { type EventTable, readEventRange } from '../store/event.ts';
import type { ChatSchema } from '../store/schema.ts';
import { hiddenAmong } from './hidden-among.ts';
import { type CachedEvents, offlineEvents } from './offline-events.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** Events are read backwards from the head in chunks that grow: how far back is not known before. */
const FIRST_CHUNK = 32;
const CHUNK_GROWTH = 4;

export interface EventsSince {
  /** In seq order, the newest ones. */
  readonly events: Event[];
  /** They reach back to the cursor, or to the first seq that the viewer may see. */
  readonly complete: boolean;
}

/** What a viewer has missed of a conversation: events above a change, the newest ones when there are more than `limit`. */
export async function eventsSince(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  sinceChangeNo: number,
  limit: number,
  cached: CachedEvents,
): Promise<EventsSince> {
  if (viewer.head.changeNo <= sinceChangeNo) return { events: [], complete: true };
  // In a span opened after the cursor all that is visible is due, also what was there before.
  const openedLater = viewer.spans.some((span) => span.opened_at > sinceChangeNo);
  const since = openedLater ? 0 : sinceChangeNo;
  const events = await offlineEvents(db, viewer, since, cached);
  if (events && events.length <= limit) return { events, complete: true };
  return storedEvents(db, viewer, since, limit);
}

async function storedEvents(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  since: number,
  limit: number,
): Promise<EventsSince> {
  const { partition_id, conversation_id } = viewer.membership;
  // Not more than this can have happened since.
  let chunk = Math.min(FIRST_CHUNK, viewer.head.changeNo - since);
  let upTo = viewer.head.headSeq;
  let due: EventTable[] = [];
  let hidden: ReadonlySet<number> = new Set();
  let reached = false;
  while (!reached && due.length <= limit) {
    const from = Math.max(viewer.firstSeq, upTo - chunk + 1);
    const read = await readEventRange(db, partition_id, conversation_id, from, upTo);
    const seen = read.filter((row) => row.change_no > since && viewer.sees(row.seq));
    hidden = new Set([...hidden, ...(await hiddenAmong(db, viewer, seen))]);
    due = [...seen.filter((row) => !(row.is_message === 1 && hidden.has(row.seq))), ...due];
    reached = from === viewer.firstSeq || read.some((row) => row.change_no <= since);
    upTo = from - 1;
    chunk *= CHUNK_GROWTH;
  }
  const complete = due.length <= limit;
  const events = await visibleEvents(db, complete ? due : due.slice(-limit), viewer, hidden);
  return { events, complete };
}
