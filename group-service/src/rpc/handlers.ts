import type { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { RpcHandlers } from '@im/common/rpc/types.ts';
import type { GroupContext } from '../context.ts';
import { acceptJoinRequest } from './accept-join-request.ts';
import { adminAddMembers } from './admin-add-members.ts';
import { adminCreateGroup } from './admin-create-group.ts';
import { adminRemoveMember } from './admin-remove-member.ts';
import { batchGetGroups } from './batch-get-groups.ts';
import { createGroup } from './create-group.ts';
import { dismissGroup } from './dismiss-group.ts';
import { getGroup } from './get-group.ts';
import { inviteMembers } from './invite-members.ts';
import { joinGroup } from './join-group.ts';
import { listGroups } from './list-groups.ts';
import { listJoinRequests } from './list-join-requests.ts';
import { listMembers } from './list-members.ts';
import { rejectJoinRequest } from './reject-join-request.ts';
import { removeMember } from './remove-member.ts';
import { transferGroup } from './transfer-group.ts';
import { updateGroup } from './update-group.ts';
import { updateMember } from './update-member.ts';

/** Everything the contract of GroupService names. */
export function groupHandlers(context: GroupContext): RpcHandlers<typeof GroupService> {
  return {
    createGroup: (request, ctx) => createGroup(context, request, ctx),
    listGroups: (request, ctx) => listGroups(context, request, ctx),
    getGroup: (request, ctx) => getGroup(context, request, ctx),
    batchGetGroups: (request) => batchGetGroups(context, request),
    updateGroup: (request, ctx) => updateGroup(context, request, ctx),
    dismissGroup: (request, ctx) => dismissGroup(context, request, ctx),
    listMembers: (request, ctx) => listMembers(context, request, ctx),
    inviteMembers: (request, ctx) => inviteMembers(context, request, ctx),
    updateMember: (request, ctx) => updateMember(context, request, ctx),
    removeMember: (request, ctx) => removeMember(context, request, ctx),
    transferGroup: (request, ctx) => transferGroup(context, request, ctx),
    joinGroup: (request, ctx) => joinGroup(context, request, ctx),
    listJoinRequests: (request, ctx) => listJoinRequests(context, request, ctx),
    acceptJoinRequest: (request, ctx) => acceptJoinRequest(context, request, ctx),
    rejectJoinRequest: (request, ctx) => rejectJoinRequest(context, request, ctx),
    adminCreateGroup: (request, ctx) => adminCreateGroup(context, request, ctx),
    adminAddMembers: (request, ctx) => adminAddMembers(context, request, ctx),
    adminRemoveMember: (request, ctx) => adminRemoveMember(context, request, ctx),
  };
}
