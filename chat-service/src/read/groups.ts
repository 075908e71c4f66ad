import type { Group } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { Kysely } from 'kysely';
import { decodeKind } from '../domain/event-body.ts';
import { readNewestChanges } from '../store/event.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { GroupCache } from './group-cache.ts';
import type { Viewer } from './viewer.ts';

/** Events before the last that a former member sees, in which their group is looked for. */
const LOOK_BACK = 500;

/**
 * Fills in the groups of conversations: for members as group-service says,
 * where it answers; for former members as the log last showed it to them, since
 * what it became afterwards is not theirs to see.
 */
export async function addGroups(
  shown: readonly { viewer: Viewer; view: { group?: Group } }[],
  { db, groups }: { db: Kysely<ChatSchema>; groups: GroupCache },
  within?: CallContext,
): Promise<void> {
  const present = new Map<string, (typeof shown)[number]>();
  for (const each of shown) {
    const id = parseConversationId(each.viewer.membership.conversation_id);
    if (id?.kind !== 'group') continue;
    if (each.viewer.head.leftSeq === undefined) present.set(id.groupId, each);
    else each.view.group = await lastSeenGroup(db, each.viewer);
  }
  if (present.size === 0) return;
  const known = await groups.groups(present.keys(), within);
  for (const [groupId, { view }] of present) {
    const group = known.get(groupId);
    if (group) view.group = group;
  }
}

async function lastSeenGroup(db: Kysely<ChatSchema>, viewer: Viewer): Promise<Group | undefined> {
  const { partition_id, conversation_id } = viewer.membership;
  const upTo = viewer.head.headSeq;
  for (const row of await readNewestChanges(db, partition_id, conversation_id, upTo - LOOK_BACK, upTo)) {
    const kind = viewer.sees(row.seq) ? decodeKind(row) : undefined;
    if (kind?.case === 'groupUpdated') return kind.value.group;
  }
  return undefined;
}
