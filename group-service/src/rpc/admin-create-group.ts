import type { MessageInitShape } from '@bufbuild/protobuf';
import { invalidField } from '@im/common/errors/im-error.ts';
import type {
  AdminCreateGroupRequest,
  AdminCreateGroupResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { GroupContext } from '../context.ts';
import { SYSTEM_UID } from '../domain/control-record.ts';
import { groupView } from '../domain/group-view.ts';
import { foundGroup, parseFounding } from '../found-group.ts';
import { requireUsers } from '../people.ts';

/** Makes a group of any people; the owner is named, or the first of the members. USER_NOT_FOUND, GROUP_FULL, INVALID_FIELD. */
export async function adminCreateGroup(
  context: GroupContext,
  request: AdminCreateGroupRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof AdminCreateGroupResponseSchema>> {
  const names = parseFounding(request);
  const ownerUid = request.ownerUid ?? request.memberUids[0];
  if (ownerUid === undefined) throw invalidField('memberUids', 'a group has an owner');
  const memberUids = [...new Set(request.memberUids)].filter((member) => member !== ownerUid);
  await requireUsers(context, [ownerUid], ctx);
  await requireUsers(context, memberUids, ctx);
  const group = await foundGroup(context, { ...names, ownerUid, memberUids, actorUid: SYSTEM_UID }, ctx);
  return { group: groupView(group) };
}
