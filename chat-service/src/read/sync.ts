import type { MessageInitShape } from '@bufbuild/protobuf';
import type { HiddenMessagesSchema, SyncedConversation } from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { OfflineCache } from '@im/common/offline/offline-cache.ts';
import type { Kysely } from 'kysely';
import { cursorInvalid, decodeCursor, type SyncCursor } from '../domain/sync-cursor.ts';
import { readHiddenSince } from '../store/hidden-message.ts';
import { readPartitions } from '../store/log-partition.ts';
import type { ChatSchema } from '../store/schema.ts';
import { ANSWER_BYTES, messageBytes, type Room } from './answer-size.ts';
import { viewConversation } from './conversation-view.ts';
import { compareOrder, type DueConversation, dueConversations, orderOf } from './due-conversations.ts';
import { eventsSince } from './events-since.ts';
import type { CachedEvents } from './offline-events.ts';
import type { Viewer } from './viewer.ts';

/** Events of one answer when nothing else is asked for. */
const DEFAULT_LIMIT = 2_000;

export interface SyncPage {
  readonly shown: readonly ShownConversation[];
  readonly hidden: MessageInitShape<typeof HiddenMessagesSchema>[];
  readonly profileDue: boolean;
  readonly more: boolean;
  /** What the device holds once it has this page, its profile included. */
  readonly cursor: SyncCursor;
}

export interface ShownConversation {
  readonly viewer: Viewer;
  readonly view: SyncedConversation;
}

/**
 * Everything of a user's that changed since a cursor, page by page. Run it on a
 * snapshot: positions are read before heads, so that the cursor never claims
 * what the page did not hold.
 */
export async function readSyncPage(
  db: Kysely<ChatSchema>,
  request: { uid: string; cursor?: string; limit?: number },
  offlineCache: OfflineCache,
): Promise<SyncPage> {
  const { uid, limit = DEFAULT_LIMIT } = request;
  const rows = await readPartitions(db);
  const epoch = rows[0]!.epoch;
  const positions = rows.map((row) => row.change_no);
  const held = heldCursor(request.cursor, epoch, positions.length);
  const run = held?.run;
  const base = run?.base ?? held?.positions;
  const bound = run?.bound ?? positions;
  // Only there can anything be due.
  const moved = rows.filter((row) => row.change_no > (base?.[row.partition_id] ?? 0));
  const partitionIds = moved.map((row) => row.partition_id);

  const due = await dueConversations(db, partitionIds, uid, base);
  const waiting = due.conversations.filter((each) => !run || compareOrder(run.after, orderOf(each)) < 0);
  const page = { events: limit, bytes: ANSWER_BYTES };
  const filler = { db, base, most: page, cached: { offlineCache, epoch } };
  const shown = await fill(waiting, filler, page);
  if (shown.length < waiting.length) {
    const after = orderOf(shown.at(-1)!);
    const next = { base: base ?? positions.map(() => 0), bound, after };
    const cursor = { epoch, positions: bound, run: next, profileOwed: held?.profileOwed ?? false };
    return { shown, hidden: [], profileDue: false, more: true, cursor };
  }

  if (run) {
    // What moved since the run began may have fallen out of its order.
    const served = new Set(shown.map(({ viewer }) => viewer));
    const late = due.conversations.filter(
      ({ viewer, changeNo }) => !served.has(viewer) && changeNo > bound[viewer.membership.partition_id]!,
    );
    shown.push(...(await fillAll(late, filler)));
  }
  return {
    shown,
    hidden: await hiddenSince(db, partitionIds, uid, base),
    profileDue: due.profileDue || held?.profileOwed === true,
    more: false,
    cursor: { epoch, positions: bound, profileOwed: false },
  };
}

/** Undefined where there is none, or where what the client holds is of another store: everything afresh. */
function heldCursor(text: string | undefined, epoch: string, partitions: number): SyncCursor | undefined {
  const cursor = text ? decodeCursor(text) : undefined;
  if (cursor?.epoch !== epoch) return undefined;
  if (cursor.positions.length !== partitions) throw cursorInvalid();
  return cursor;
}

interface Filler {
  readonly db: Kysely<ChatSchema>;
  readonly base: readonly number[] | undefined;
  /** The most of one conversation. */
  readonly most: Room;
  readonly cached: CachedEvents;
}

/** Conversations in order while they fit in `room`; the first is served even if it has to be cut. */
async function fill(
  waiting: readonly DueConversation[],
  filler: Filler,
  room: Room,
): Promise<ShownConversation[]> {
  const { most } = filler;
  const shown: ShownConversation[] = [];
  let left = room;
  for (const { viewer } of waiting) {
    if (left.bytes <= 0) break;
    const own = shown.length === 0 ? most : smaller(most, left);
    const { view, used } = await show(viewer, own, filler);
    const isCutByThePage = own.events < most.events || own.bytes < most.bytes;
    // The next page's, and whole there.
    if (!view.complete && isCutByThePage) break;
    shown.push({ viewer, view });
    left = less(left, used);
  }
  return shown;
}

/** All of these, each as far as the bytes of an answer go: there is no next page for them. */
async function fillAll(waiting: readonly DueConversation[], filler: Filler): Promise<ShownConversation[]> {
  const shown: ShownConversation[] = [];
  let left: Room = { events: Number.POSITIVE_INFINITY, bytes: filler.most.bytes };
  for (const { viewer } of waiting) {
    const { view, used } = await show(viewer, smaller(filler.most, left), filler);
    shown.push({ viewer, view });
    // Of each the newest event comes in any case.
    const { events, bytes } = less(left, used);
    left = { events, bytes: Math.max(0, bytes) };
  }
  return shown;
}

/** A conversation with what a device has missed of it, as much as there is room for, and what it takes. */
async function show(
  viewer: Viewer,
  room: Room,
  { db, base, cached }: Filler,
): Promise<{ view: SyncedConversation; used: Room }> {
  const since = base?.[viewer.membership.partition_id] ?? 0;
  const { events, complete, bytes } = await eventsSince(db, viewer, since, room, cached);
  const view = await viewConversation(db, viewer, events);
  view.events = events;
  view.complete = complete;
  const summary = view.lastMessage ? messageBytes(view.lastMessage) : 0;
  return { view, used: { events: events.length, bytes: bytes + summary } };
}

function less(room: Room, used: Room): Room {
  return { events: room.events - used.events, bytes: room.bytes - used.bytes };
}

function smaller(one: Room, other: Room): Room {
  return { events: Math.min(one.events, other.events), bytes: Math.min(one.bytes, other.bytes) };
}

async function hiddenSince(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
  uid: string,
  base: readonly number[] | undefined,
): Promise<SyncPage['hidden']> {
  if (partitionIds.length === 0) return [];
  const lowest = Math.min(...partitionIds.map((id) => base?.[id] ?? 0));
  const rows = await readHiddenSince(db, partitionIds, uid, lowest);
  const due = rows.filter((row) => row.change_no > (base?.[row.partition_id] ?? 0));
  return [...Map.groupBy(due, (row) => row.conversation_id)].map(([conversationId, own]) => ({
    conversationId,
    seqs: own.map((row) => row.seq),
  }));
}
