import type { Kysely } from 'kysely';
import type { ChatSchema } from './schema.ts';

/** Ids of groups begin with `g:`; `;` is what follows `:` in byte order. */
const FIRST_GROUP = 'g:';
const BEHIND_GROUPS = 'g;';

export interface GroupKey {
  readonly partition_id: number;
  readonly conversation_id: string;
}

/** The groups that somebody is a member of now, dismissed ones left out. */
export function groupsOfMember(db: Kysely<ChatSchema>, partitions: number, uid: string): Promise<GroupKey[]> {
  return db
    .selectFrom('member')
    .innerJoin('span', (join) =>
      join
        .onRef('span.partition_id', '=', 'member.partition_id')
        .onRef('span.conversation_id', '=', 'member.conversation_id')
        .onRef('span.uid', '=', 'member.uid')
        .on('span.to_seq', 'is', null),
    )
    .innerJoin('conversation', (join) =>
      join
        .onRef('conversation.partition_id', '=', 'member.partition_id')
        .onRef('conversation.conversation_id', '=', 'member.conversation_id')
        .on('conversation.closed', '=', 0),
    )
    .select(['member.partition_id', 'member.conversation_id'])
    .where('member.partition_id', 'in', [...Array(partitions).keys()])
    .where('member.uid', '=', uid)
    .where('member.conversation_id', '>=', FIRST_GROUP)
    .where('member.conversation_id', '<', BEHIND_GROUPS)
    .execute();
}

/** Those of these people who are members of a group now. */
export async function membersAmong(
  db: Kysely<ChatSchema>,
  { partition_id, conversation_id }: GroupKey,
  uids: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('span')
    .select('uid')
    .where('partition_id', '=', partition_id)
    .where('conversation_id', '=', conversation_id)
    .where('uid', 'in', uids)
    .where('to_seq', 'is', null)
    .execute();
  return rows.map((row) => row.uid);
}
