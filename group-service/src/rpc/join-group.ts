import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  JoinPolicy_Value as JoinPolicy,
  JoinRequestState_Value as State,
} from '@im/common/gen/im/group/v1/group_pb.ts';
import type {
  JoinGroupRequest,
  JoinGroupResponseSchema,
} from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import { requireGroup } from '../access.ts';
import { addMembers } from '../add-members.ts';
import type { GroupContext } from '../context.ts';
import { groupNotFound } from '../domain/group-not-found.ts';
import { groupView } from '../domain/group-view.ts';
import { joinRequestView } from '../domain/join-request-view.ts';
import { changeGroup, type GroupChange } from '../group-change.ts';
import { findOpenRequest, insertRequest, type JoinRequestRow, openKey } from '../store/join-request.ts';
import { findMember } from '../store/member.ts';

/** Bytes of a request's id: random enough never to meet another. */
const REQUEST_ID_BYTES = 12;

/**
 * Joins an open group at once, or asks those who lead one that approves; asking
 * again answers the open request, its first message kept. Members are answered
 * their group. GROUP_NOT_FOUND (also where one is only invited), GROUP_FULL.
 */
export async function joinGroup(
  context: GroupContext,
  { groupId, message = '' }: JoinGroupRequest,
  ctx: CallContext,
): Promise<MessageInitShape<typeof JoinGroupResponseSchema>> {
  const { uid } = callerUser(ctx);
  return changeGroup(context, { groupId }, ctx, async (change) => {
    const { trx, group } = change;
    if (await findMember(trx, groupId, uid)) return { group: groupView(group) };
    switch (group.join_policy) {
      case JoinPolicy.OPEN:
        await addMembers(change, {
          uids: [uid],
          inviterUid: uid,
          maxMembers: context.config.maxMembers,
        });
        return { group: groupView(await requireGroup(trx, groupId)) };
      case JoinPolicy.APPROVAL:
        return { request: joinRequestView(await askToJoin(change, uid, message)) };
      default:
        throw groupNotFound();
    }
  });
}

async function askToJoin(change: GroupChange, uid: string, message: string): Promise<JoinRequestRow> {
  const { trx, at, group } = change;
  const open = await findOpenRequest(trx, group.group_id, uid);
  if (open) return open;
  const request: JoinRequestRow = {
    request_id: randomToken(REQUEST_ID_BYTES),
    group_id: group.group_id,
    uid,
    message,
    state: State.PENDING,
    open_key: openKey(group.group_id, uid),
    created_at: at,
    decided_at: null,
    decided_by: null,
  };
  await insertRequest(trx, request);
  return request;
}
