import type { MessageInitShape } from '@bufbuild/protobuf';
import type { SyncResponseSchema } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import type { SyncedConversation } from '@im/common/gen/im/chat/v1/conversation_pb.ts';
import type { OfflineCache } from '@im/common/offline/offline-cache.ts';
import type { Kysely } from 'kysely';
import { decodeCursor, encodeCursor, type SyncRun } from '../domain/sync-cursor.ts';
import { readHiddenOf } from '../store/hidden-message.ts';
import { readPartitions } from '../store/log-partition.ts';
import type { ChatSchema } from '../store/schema.ts';
import { viewConversation } from './conversation-view.ts';
import { compareOrder, type DueConversation, dueConversations, orderOf } from './due-conversations.ts';
import { eventsSince } from './events-since.ts';
import type { Viewer } from './viewer.ts';

/** Events of one answer when nothing else is asked for. */
const DEFAULT_LIMIT = 2_000;

export interface SyncPage {
  readonly response: Omit<MessageInitShape<typeof SyncResponseSchema>, '$typeName'> & { cursor: string };
  readonly shown: { viewer: Viewer; view: SyncedConversation }[];
  readonly profileDue: boolean;
}

/**
 * Everything of a user's that changed since a cursor, page by page. Run it on a
 * snapshot: positions are read before heads, so that the cursor never claims
 * what the page did not hold.
 */
export async function readSyncPage(
  db: Kysely<ChatSchema>,
  request: { uid: string; cursor?: string; limit?: number },
  { partitions, offlineCache }: { partitions: number; offlineCache: OfflineCache },
): Promise<SyncPage> {
  const rows = await readPartitions(db);
  const epoch = rows[0]!.epoch;
  const positions = rows.map((row) => row.change_no);
  const held = request.cursor ? decodeCursor(request.cursor, partitions) : undefined;
  // Another epoch: what the client holds is not of this store. Everything afresh.
  const cursor = held?.epoch === epoch ? held : undefined;
  const run = cursor?.run;
  const base = run?.base ?? cursor?.positions;
  const bound = run?.bound ?? positions;
  const limit = request.limit ?? DEFAULT_LIMIT;

  const due = await dueConversations(db, partitions, request.uid, base);
  const waiting = due.conversations.filter((each) => !run || compareOrder(run.after, orderOf(each)) < 0);
  const page = await fill(db, waiting, base, limit, offlineCache);
  const more = page.served < waiting.length;
  if (!more && run) {
    // What moved since the run began may have fallen out of its order.
    const moved = due.conversations.filter((each) => {
      const servedNow = page.shown.some(({ viewer }) => viewer === each.viewer);
      return !servedNow && each.changeNo > (bound[each.viewer.membership.partition_id] ?? 0);
    });
    const tail = await fill(db, moved, base, Number.POSITIVE_INFINITY, offlineCache);
    page.shown.push(...tail.shown);
  }

  const next: SyncRun | undefined = more
    ? { base: base ?? positions.map(() => 0), bound, after: orderOf(page.shown.at(-1)!) }
    : undefined;
  const hidden = more ? [] : await hiddenSince(db, partitions, request.uid, base);
  return {
    response: {
      hidden,
      cursor: encodeCursor({ epoch, positions: bound, run: next }),
      more,
      epoch,
    },
    shown: page.shown,
    profileDue: !more && due.profileDue,
  };
}

/** Conversations in order while their events fit; the first is served even if it has to be cut. */
async function fill(
  db: Kysely<ChatSchema>,
  waiting: readonly DueConversation[],
  base: readonly number[] | undefined,
  limit: number,
  offlineCache: OfflineCache,
): Promise<{ shown: SyncPage['shown']; served: number }> {
  const shown: SyncPage['shown'] = [];
  let left = limit;
  for (const { viewer } of waiting) {
    const since = base?.[viewer.membership.partition_id] ?? 0;
    const { events, complete } = await eventsSince(
      db,
      viewer,
      since,
      Math.min(limit, MAX_EVENTS),
      offlineCache,
    );
    if (shown.length > 0 && events.length > left) break;
    left -= events.length;
    const view = await viewConversation(db, viewer);
    view.events = events;
    view.complete = complete;
    shown.push({ viewer, view });
  }
  return { shown, served: shown.length };
}

/** The most events that are served of one conversation. */
const MAX_EVENTS = 5_000;

async function hiddenSince(
  db: Kysely<ChatSchema>,
  partitions: number,
  uid: string,
  base: readonly number[] | undefined,
): Promise<{ conversationId: string; seqs: number[] }[]> {
  const all = await readHiddenOf(
    db,
    Array.from({ length: partitions }, (_, i) => i),
    uid,
  );
  const due = all.filter((row) => row.change_no > (base?.[row.partition_id] ?? 0));
  return [...Map.groupBy(due, (row) => row.conversation_id)].map(([conversationId, rows]) => ({
    conversationId,
    seqs: rows.map((row) => row.seq),
  }));
}
