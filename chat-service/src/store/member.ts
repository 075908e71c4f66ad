import { type RowExecutor, rowInserter, rowReader, rowUpdater } from '@im/common/database/rows.ts';
import type { Kysely } from 'kysely';
import type { ConversationTable } from './conversation.ts';
import type { ChatSchema } from './schema.ts';
import { statement } from './statement.ts';

/** A present or former member's own row of a conversation. */
export interface MemberTable {
  partition_id: number;
  conversation_id: string;
  uid: string;
  /** im.group.v1.Role by number. */
  role: number;
  /** Milliseconds since 1970; 0: not muted. */
  muted_until: number;
  nickname: string;
  read_seq: number;
  /** The conversation's running count at read_seq. */
  read_count: number;
  cleared_seq: number;
  cleared_count: number;
  muted: number;
  pinned: number;
  hidden: number;
  draft: string;
  /** Last change of what sync shows of this row. */
  change_no: number;
}

export const insertMembers = rowInserter<MemberTable>('member', [
  'partition_id',
  'conversation_id',
  'uid',
  'role',
  'muted_until',
  'nickname',
  'read_seq',
  'read_count',
  'cleared_seq',
  'cleared_count',
  'muted',
  'pinned',
  'hidden',
  'draft',
  'change_no',
]);

export const updateMembers = rowUpdater<MemberTable>(
  'member',
  ['partition_id', 'conversation_id', 'uid'],
  [
    'role',
    'muted_until',
    'nickname',
    'read_seq',
    'read_count',
    'cleared_seq',
    'cleared_count',
    'muted',
    'pinned',
    'hidden',
    'draft',
    'change_no',
  ],
);

/** All members, present and former, of conversations: by partition and conversation. */
export const readMembers = rowReader<MemberTable>('member', ['partition_id', 'conversation_id']);

/** A user's own row of a conversation together with the conversation's. */
export type Membership = MemberTable & ConversationTable;

function membershipsOf(db: Kysely<ChatSchema>, partitionIds: readonly number[], uid: string) {
  return db
    .selectFrom('member')
    .innerJoin('conversation', (join) =>
      join
        .onRef('conversation.partition_id', '=', 'member.partition_id')
        .onRef('conversation.conversation_id', '=', 'member.conversation_id'),
    )
    .selectAll('conversation')
    .selectAll('member')
    .where('member.partition_id', 'in', partitionIds)
    .where('member.uid', '=', uid);
}

/** All conversations that a user is or was a member of. */
export function readMembershipsOf(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
  uid: string,
): Promise<Membership[]> {
  return membershipsOf(db, partitionIds, uid).execute();
}

/** Those of them that are large groups. */
export function readLargeGroupsOf(
  db: Kysely<ChatSchema>,
  partitionIds: readonly number[],
  uid: string,
): Promise<Membership[]> {
  return membershipsOf(db, partitionIds, uid).where('conversation.audience_no', '>', 0).execute();
}

const membership = statement<Membership>(
  `select conversation.*, member.* from member
    inner join conversation on conversation.partition_id = member.partition_id
      and conversation.conversation_id = member.conversation_id
    where member.partition_id = ? and member.conversation_id = ? and member.uid = ?`,
);

/** One of them, or undefined. */
export async function readMembership(
  db: RowExecutor,
  partitionId: number,
  conversationId: string,
  uid: string,
): Promise<Membership | undefined> {
  return (await membership(db, [partitionId, conversationId, uid]))[0];
}

/** Single members' rows: by partition, conversation and uid. */
export const readMemberRows = rowReader<MemberTable>('member', ['partition_id', 'conversation_id', 'uid']);

/** Rows of a partition whose own state changed in this range; only for publishing what was left behind. */
export function readMembersByChange(
  db: Kysely<ChatSchema>,
  partitionId: number,
  after: number,
  upTo: number,
): Promise<MemberTable[]> {
  return db
    .selectFrom('member')
    .selectAll()
    .where('partition_id', '=', partitionId)
    .where('change_no', '>', after)
    .where('change_no', '<=', upTo)
    .execute();
}
