import type { Kysely } from 'kysely';
import { type Membership, readMembershipsOf } from '../store/member.ts';
import type { ChatSchema } from '../store/schema.ts';
import { readMemberSpans } from '../store/span.ts';
import { type Viewer, viewerOf } from './viewer.ts';

/** A conversation of the caller's that is due. */
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
 * The conversations of a user in these partitions whose head or own row changed
 * above `base`; all of them without a base. A conversation is due exactly then:
 * positions count every change, so nothing is compared with a clock. Costs one
 * small row per conversation of the user.
 */
export async function dueConversations(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
  uid: string,
  base: readonly number[] | undefined,
): Promise<DueConversations> {
  if (partitionIds.length === 0) return { conversations: [], profileDue: false };
  const above = (row: Membership, changeNo: number) => changeNo > (base?.[row.partition_id] ?? 0);
  const memberships = (await readMembershipsOf(db, partitionIds, uid)).filter(
    (row) => above(row, row.head_change_no) || above(row, row.change_no),
  );
  // All at once: on MySQL each query is a round trip.
  const keys = memberships.map((row) => [row.partition_id, row.conversation_id, uid]);
  const spans = Map.groupBy(await readMemberSpans(db, keys), (span) => span.conversation_id);
  const conversations: DueConversation[] = [];
  for (const membership of memberships) {
    const viewer = viewerOf(membership, spans.get(membership.conversation_id) ?? []);
    if (!viewer) continue;
    // A former member's head is the event that removed them, not the conversation's.
    const changeNo = Math.max(viewer.head.changeNo, membership.change_no);
    if (above(membership, changeNo)) conversations.push({ viewer, changeNo });
  }
  conversations.sort((a, b) => compareOrder(orderOf(a), orderOf(b)));
  const own = memberships.find((row) => row.conversation_id === `n:${uid}`);
  return { conversations, profileDue: own !== undefined && above(own, own.change_no) };
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
  if (a.updatedAt !== b.updatedAt) return b.updatedAt - a.updatedAt;
  if (a.conversationId === b.conversationId) return 0;
  return a.conversationId < b.conversationId ? -1 : 1;
}
