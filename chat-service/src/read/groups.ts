import type { Group } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { ServiceName } from '@im/common/service/names.ts';
import { groupConversationId, parseConversationId } from '@im/common/utils/conversation-id.ts';
import type { Kysely } from 'kysely';
import { decodeKind } from '../domain/event-body.ts';
import { readAppendPositions } from '../store/append-position.ts';
import { readNewestChanges } from '../store/event.ts';
import type { ChatSchema } from '../store/schema.ts';
import type { GroupCache } from './group-cache.ts';
import type { Viewer } from './viewer.ts';

/** Who appends the changes of groups. */
const GROUP_SERVICE: ServiceName = 'group-service';

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
  const known = await groups.groups(await versionsOf(db, present), within);
  for (const [groupId, { view }] of present) {
    const group = known.get(groupId);
    if (group) view.group = group;
  }
}

/** Up to which of group-service's changes the log of each group has come. */
async function versionsOf(
  db: Kysely<ChatSchema>,
  present: ReadonlyMap<string, { viewer: Viewer }>,
): Promise<Map<string, number>> {
  const keys = [...present.values()].map(({ viewer: { membership } }) => [
    membership.partition_id,
    membership.conversation_id,
    GROUP_SERVICE,
  ]);
  const positions = await readAppendPositions(db, keys);
  const versions = new Map(positions.map((row) => [row.conversation_id, row.version]));
  return new Map([...present.keys()].map((id) => [id, versions.get(groupConversationId(id)) ?? 0]));
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
