import { partitionOf } from '@im/common/utils/murmur2.ts';
import type { Kysely } from 'kysely';
import { readMembershipsOf } from '../store/member.ts';
import type { ChatSchema } from '../store/schema.ts';
import { readMemberSpans } from '../store/span.ts';
import { type Viewer, viewerOf } from './viewer.ts';

/** A conversation of the caller's that is due, and whether only for what changed after the run began. */
export interface DueConversation {
  readonly viewer: Viewer;
  /** The greatest change_no of what the viewer sees of it. */
  readonly changeNo: number;
}

export interface DueConversations {
  /** Latest activity first, then by id. */
  readonly conversations: DueConversation[];
  /** The caller's own row of their notices changed: their profile may have. */
  readonly profileDue: boolean;
}

/**
 * The conversations of a user whose head or own row changed above `base`. A
 * conversation is due exactly then: positions count every change, so nothing is
 * compared with a clock. Costs one small row per conversation of the user.
 */
export async function dueConversations(
  db: Kysely<ChatSchema>,
  partitions: number,
  uid: string,
  base: readonly number[] | undefined,
): Promise<DueConversations> {
  const partitionIds = Array.from({ length: partitions }, (_, i) => i);
  const memberships = await readMembershipsOf(db, partitionIds, uid);
  const above = (partitionId: number, changeNo: number) =>
    base === undefined || changeNo > (base[partitionId] ?? 0);
  const candidates = memberships.filter(
    (row) => above(row.partition_id, row.head_change_no) || above(row.partition_id, row.change_no),
  );
  const spans = Map.groupBy(
    await readMemberSpans(
      db,
      candidates.map((row) => [row.partition_id, row.conversation_id, uid]),
    ),
    (span) => span.conversation_id,
  );
  const conversations: DueConversation[] = [];
  for (const membership of candidates) {
    const viewer = viewerOf(membership, spans.get(membership.conversation_id) ?? []);
    if (!viewer) continue;
    // A former member's head is the event that removed them, not the conversation's.
    const changeNo = Math.max(viewer.head.changeNo, membership.change_no);
    if (above(membership.partition_id, changeNo)) conversations.push({ viewer, changeNo });
  }
  conversations.sort(byLatestActivity);
  const notices = `n:${uid}`;
  const own = memberships.find((row) => row.conversation_id === notices);
  return {
    conversations,
    profileDue: own !== undefined && above(partitionOf(notices, partitions), own.change_no),
  };
}

function byLatestActivity(a: DueConversation, b: DueConversation): number {
  return compareOrder(orderOf(a), orderOf(b));
}

export interface ActivityOrder {
  readonly updatedAt: number;
  readonly conversationId: string;
}

export function orderOf({ viewer }: { readonly viewer: Viewer }): ActivityOrder {
  return { updatedAt: viewer.head.updatedAt, conversationId: viewer.membership.conversation_id };
}

/** Negative when `a` comes first: latest activity first, then by id. */
export function compareOrder(a: ActivityOrder, b: ActivityOrder): number {
  return b.updatedAt - a.updatedAt || (a.conversationId < b.conversationId ? -1 : 1);
}
