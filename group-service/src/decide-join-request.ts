import { ImError } from '@im/common/errors/im-error.ts';
import { JoinRequestState_Value as State } from '@im/common/gen/im/group/v1/group_pb.ts';
import { type CallContext, callerUser } from '@im/common/rpc/context.ts';
import { requireCaller } from './access.ts';
import { addMembers } from './add-members.ts';
import type { GroupContext } from './context.ts';
import { requireMayDecideRequests } from './domain/who-may-decide-requests.ts';
import { changeGroup } from './group-change.ts';
import { decideRequests, findRequest, type JoinRequestRow } from './store/join-request.ts';

export interface Decision {
  readonly groupId: string;
  readonly requestId: string;
  readonly state: typeof State.ACCEPTED | typeof State.REJECTED;
}

/**
 * The answer of the owner or an admin to who wants to join; the same answer
 * again is harmless. GROUP_NOT_FOUND, ROLE_REQUIRED, JOIN_REQUEST_NOT_FOUND,
 * REQUEST_NOT_PENDING, GROUP_FULL.
 */
export async function decideJoinRequest(
  context: GroupContext,
  { groupId, requestId, state }: Decision,
  ctx: CallContext,
): Promise<JoinRequestRow> {
  const { uid } = callerUser(ctx);
  const { maxMembers } = context.config;
  return changeGroup(context, { groupId }, ctx, async (change) => {
    const { trx, at } = change;
    requireMayDecideRequests((await requireCaller(change, uid)).role);
    const request = await findRequest(trx, requestId);
    if (request?.group_id !== groupId) {
      throw new ImError('JOIN_REQUEST_NOT_FOUND', 'there is no such request to join this group');
    }
    if (request.state === state) return request;
    if (request.state !== State.PENDING) {
      throw new ImError('REQUEST_NOT_PENDING', 'the request has been answered otherwise already');
    }
    await decideRequests(trx, { groupId, uids: [request.uid], state, decidedBy: uid, at });
    if (state === State.ACCEPTED) {
      await addMembers(change, { uids: [request.uid], inviterUid: uid, maxMembers });
    }
    return { ...request, state };
  });
}
