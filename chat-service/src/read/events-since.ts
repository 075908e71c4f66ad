import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { Kysely } from 'kysely';
import { type EventTable, readEventRange } from '../store/event.ts';
import type { ChatSchema } from '../store/schema.ts';
import { eventBytes, fittingFromEnd, type Room, rowBytes } from './answer-size.ts';
import { hiddenAmong } from './hidden-among.ts';
import { type CachedEvents, offlineEvents } from './offline-events.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** Events are read backwards from the head in chunks that grow: how far back is not known before. */
const FIRST_CHUNK = 32;
const CHUNK_GROWTH = 4;
/** One may be as large as a frame, so no more of them are in memory at a time. */
const LARGEST_CHUNK = 256;

export interface EventsSince {
  /** In seq order, the newest ones. */
  readonly events: Event[];
  /** They reach back to the cursor, or to the first seq that the viewer may see. */
  readonly complete: boolean;
  /** About. */
  readonly bytes: number;
}

const NOTHING: EventsSince = { events: [], complete: true, bytes: 0 };

/** What a viewer has missed of a conversation: events above a change, the newest ones where not all fit into `room`. */
export async function eventsSince(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  sinceChangeNo: number,
  room: Room,
  cached: CachedEvents,
): Promise<EventsSince> {
  if (viewer.head.changeNo <= sinceChangeNo) return NOTHING;
  // In a span opened after the cursor all that is visible is due, also what was there before.
  const openedLater = viewer.spans.some((span) => span.opened_at > sinceChangeNo);
  const since = openedLater ? 0 : sinceChangeNo;
  const events = await offlineEvents(db, viewer, since, cached);
  const bytes = sum(events ?? [], eventBytes);
  if (events && events.length <= room.events && bytes <= room.bytes) return { events, complete: true, bytes };
  return storedEvents(db, viewer, since, room);
}

async function storedEvents(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  since: number,
  room: Room,
): Promise<EventsSince> {
  const { partition_id, conversation_id } = viewer.membership;
  // Not more than this can have happened since.
  let chunk = Math.min(FIRST_CHUNK, viewer.head.changeNo - since);
  let stretch = viewer.stretchUpTo(viewer.head.headSeq);
  let due: EventTable[] = [];
  let bytes = 0;
  const hidden = new Set<number>();
  while (stretch && due.length <= room.events && bytes <= room.bytes) {
    const from = Math.max(stretch.from, stretch.to - chunk + 1);
    const read = await readEventRange(db, partition_id, conversation_id, from, stretch.to);
    const newer = read.filter((row) => row.change_no > since);
    for (const seq of await hiddenAmong(db, viewer, newer)) hidden.add(seq);
    const seen = newer.filter((row) => !(row.is_message === 1 && hidden.has(row.seq)));
    due = [...seen, ...due];
    bytes += sum(seen, rowBytes);
    stretch = newer.length < read.length ? undefined : viewer.stretchUpTo(from - 1);
    chunk = Math.min(chunk * CHUNK_GROWTH, LARGEST_CHUNK);
  }
  const newest = due.slice(due.length - fittingFromEnd(due, room, rowBytes));
  const complete = stretch === undefined && newest.length === due.length;
  return { events: await visibleEvents(db, newest, viewer, hidden), complete, bytes: sum(newest, rowBytes) };
}

function sum<T>(items: readonly T[], amountOf: (item: T) => number): number {
  return items.reduce((total, item) => total + amountOf(item), 0);
}
