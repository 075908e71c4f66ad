import type { Event } from '@im/common/gen/im/chat/v1/event_pb.ts';
import type { OfflineCache } from '@im/common/offline/offline-cache.ts';
import type { Kysely } from 'kysely';
import { fold } from '../domain/fold.ts';
import { withoutContent } from '../domain/without-content.ts';
import { type EventTable, readEventRange } from '../store/event.ts';
import { readHiddenRange } from '../store/hidden-message.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { Viewer } from './viewer.ts';
import { visibleEvents } from './visible-events.ts';

/** Events are read backwards from the head in chunks that grow: how far back is not known before. */
const FIRST_CHUNK = 32;

export interface EventsSince {
  /** In seq order, the newest ones. */
  readonly events: Event[];
  /** They reach back to the cursor, or to the first seq that the viewer may see. */
  readonly complete: boolean;
}

/** What a viewer has missed of a conversation: events above a change, newest ones first when there are more than `limit`. */
export async function eventsSince(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  sinceChangeNo: number,
  limit: number,
  offlineCache: OfflineCache,
): Promise<EventsSince> {
  if (viewer.head.changeNo <= sinceChangeNo) return { events: [], complete: true };
  const since = newestSpanStart(viewer, sinceChangeNo);
  const cached = await cachedEvents(db, viewer, since, limit, offlineCache);
  if (cached) return cached;
  const { rows, complete } = await rowsSince(db, viewer, since, limit);
  const hidden = await hiddenAmong(db, viewer, rows);
  return { events: await visibleEvents(db, rows, viewer, hidden), complete };
}

/** In a span opened after the cursor everything visible is due, also what was there before. */
function newestSpanStart(viewer: Viewer, sinceChangeNo: number): number {
  const openedLater = viewer.spans.some((span) => span.opened_at > sinceChangeNo);
  return openedLater ? 0 : sinceChangeNo;
}

async function rowsSince(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  since: number,
  limit: number,
): Promise<{ rows: EventTable[]; complete: boolean }> {
  const { partition_id, conversation_id } = viewer.membership;
  const rows: EventTable[] = [];
  let upTo = viewer.head.headSeq;
  for (let chunk = FIRST_CHUNK; upTo >= viewer.firstSeq; chunk *= 4) {
    const from = Math.max(viewer.firstSeq, upTo - chunk + 1);
    const read = await readEventRange(db, partition_id, conversation_id, from, upTo);
    const due = read.filter((row) => row.change_no > since && viewer.sees(row.seq));
    rows.unshift(...due);
    if (rows.length > limit) return { rows: rows.slice(-limit), complete: false };
    if (read.some((row) => row.change_no <= since)) break;
    upTo = from - 1;
  }
  return { rows, complete: true };
}

async function hiddenAmong(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  rows: readonly Pick<EventTable, 'seq' | 'target_seq'>[],
): Promise<Set<number>> {
  if (rows.length === 0) return new Set();
  const { partition_id, conversation_id, uid } = viewer.membership;
  const seqs = rows.flatMap((row) => (row.target_seq > 0 ? [row.seq, row.target_seq] : [row.seq]));
  const hidden = await readHiddenRange(
    db,
    partition_id,
    conversation_id,
    uid,
    Math.min(...seqs),
    viewer.head.headSeq,
  );
  return new Set(hidden.map((row) => row.seq));
}

/** The same from the offline cache, where it holds all of it up to the head that the store gave. */
async function cachedEvents(
  db: Kysely<ChatSchema>,
  viewer: Viewer,
  since: number,
  limit: number,
  offlineCache: OfflineCache,
): Promise<EventsSince | undefined> {
  // A former member's head lies behind the conversation's, where no list ends.
  if (viewer.head.leftSeq !== undefined) return undefined;
  const found = await offlineCache.read(viewer.membership.conversation_id, since, viewer.head.headSeq);
  if (!found) return undefined;
  const events = found.filter((event) => viewer.sees(event.seq));
  if (events.length > limit) return undefined;
  fold(events, viewer.head.headSeq);
  const targets = events.map((event) => ({ seq: event.seq, target_seq: targetOf(event) }));
  const hidden = await hiddenAmong(db, viewer, targets);
  const shown = events
    .filter((event) => !(event.kind.case === 'message' && hidden.has(event.seq)))
    .map((event) => {
      const target = targetOf(event);
      return target !== 0 && (!viewer.sees(target) || hidden.has(target)) ? withoutContent(event) : event;
    });
  return { events: shown, complete: true };
}

function targetOf({ kind }: Event): number {
  switch (kind.case) {
    case 'edited':
    case 'recalled':
    case 'reaction':
    case 'pinned':
      return kind.value.targetSeq;
    default:
      return 0;
  }
}
