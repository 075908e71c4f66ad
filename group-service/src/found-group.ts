import { retryLostRace } from '@im/common/database/retry-lost-race.ts';
import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import { random53 } from '@im/common/utils/random-id.ts';
import type { GroupContext } from './context.ts';
import { parseAvatarUrl } from './domain/avatar-url.ts';
import { groupUpdated, membersAdded } from './domain/control-record.ts';
import { DEFAULT_POLICIES } from './domain/group-fields.ts';
import { requireRoom } from './domain/room-for-more.ts';
import { parseName } from './domain/text.ts';
import { tellingChat } from './group-change.ts';
import { handOver } from './hand-over.ts';
import { type GroupRow, insertGroup } from './store/grp.ts';
import { insertMembers } from './store/member.ts';

export interface Founding {
  readonly name: string;
  readonly avatarUrl: string;
  readonly ownerUid: string;
  /** Others than the owner, each once, at most 200. */
  readonly memberUids: readonly string[];
  /** Who does it: the owner, or the system. */
  readonly actorUid: string;
}

/** A new group by these names. Throws INVALID_FIELD. */
export function parseFounding<Rest extends { name: string; avatarUrl?: string }>({ name, avatarUrl }: Rest) {
  return { name: parseName(name), avatarUrl: parseAvatarUrl(avatarUrl ?? '') };
}

/**
 * Makes a group with its first members, all in one transaction. Its log begins
 * with the owner, then the others, then the group itself, so that whoever reads
 * it from the start knows each before it acts. Throws GROUP_FULL.
 */
export async function foundGroup(
  context: GroupContext,
  founding: Founding,
  ctx: CallContext,
): Promise<GroupRow> {
  const { name, avatarUrl, ownerUid, memberUids, actorUid } = founding;
  requireRoom(1, memberUids.length, context.config.maxMembers);
  // Another id where that one was taken.
  const group = await retryLostRace(() => {
    const at = context.now();
    const row: GroupRow = {
      group_id: random53(),
      name,
      avatar_url: avatarUrl,
      announcement: '',
      owner_uid: ownerUid,
      member_count: 1 + memberUids.length,
      ...DEFAULT_POLICIES,
      mute_all: 0,
      revision: 0,
      created_at: at,
      dismissed_at: null,
    };
    const member = (uid: string, role: Role) => ({
      group_id: row.group_id,
      uid,
      role,
      nickname: '',
      muted_until: 0,
      joined_at: at,
    });
    return context.database.transaction(async (trx) => {
      await insertGroup(trx, row);
      await insertMembers(trx, [
        member(ownerUid, Role.OWNER),
        ...memberUids.map((uid) => member(uid, Role.MEMBER)),
      ]);
      return tellingChat(trx, row, at, async ({ tell }) => {
        const added = (uids: readonly string[], role: Role) =>
          tell(actorUid, membersAdded(uids, { inviterUid: actorUid, role, group: row }));
        added([ownerUid], Role.OWNER);
        if (memberUids.length > 0) added(memberUids, Role.MEMBER);
        tell(actorUid, groupUpdated(row));
        return row;
      });
    });
  });
  await handOver(context, group.group_id, ctx);
  return group;
}
