import { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { type ObjectRule, row } from '../row.ts';
import type { World } from '../world.ts';
import { ANY_USER } from './common.ts';

const group = GroupService.method;

/** The party owns the group. To others it does not exist. */
const MEMBERS = { party: 'ok', another: 'GROUP_NOT_FOUND' } as const;

const ofGroup = ({ groupId }: World) => ({ groupId });
const ofNewGroup = async ({ newGroup }: World) => ({ groupId: await newGroup() });
const toJoin = ({ requestToJoin }: World) => requestToJoin();

/** Bob is a member like others. */
function notForMembers<Init>(
  request: (world: World) => Init | Promise<Init>,
  reason: ObjectRule['reason'] = 'ROLE_REQUIRED',
): [ObjectRule<Init>] {
  const attempt = async (world: World) => ({ as: world.bob, request: await request(world) });
  return [{ who: 'a member who does not lead', attempt, reason }];
}

export const GROUP_ROWS = [
  row(group.createGroup, {
    users: ANY_USER,
    request: () => ({ name: 'my group' }),
    butNot: [
      {
        who: 'somebody who is no friend of its members',
        attempt: ({ eve, ann }) => ({ as: eve, request: { name: 'x', memberUids: [ann.uid] } }),
        reason: 'INVITE_NOT_ALLOWED',
      },
    ],
  }),
  row(group.listGroups, { users: ANY_USER, request: () => ({}) }),
  row(group.getGroup, { users: MEMBERS, request: ofGroup }),
  row(group.batchGetGroups, {
    services: ['chat-service'],
    request: ({ groupId }) => ({ groupIds: [groupId] }),
  }),
  row(group.updateGroup, {
    users: MEMBERS,
    request: ({ groupId }) => ({ groupId, announcement: 'hello', updateMask: { paths: ['announcement'] } }),
    butNot: notForMembers(({ groupId }) => ({ groupId, name: 'mine', updateMask: { paths: ['name'] } })),
  }),
  row(group.dismissGroup, { users: MEMBERS, request: ofNewGroup, butNot: notForMembers(ofGroup) }),
  row(group.listMembers, { users: MEMBERS, request: ofGroup }),
  row(group.inviteMembers, {
    users: MEMBERS,
    request: ({ groupId, bob }) => ({ groupId, uids: [bob.uid] }),
    butNot: notForMembers(({ groupId, eve }) => ({ groupId, uids: [eve.uid] }), 'INVITE_NOT_ALLOWED'),
  }),
  row(group.updateMember, {
    users: MEMBERS,
    request: ({ groupId, bob }) => ({
      groupId,
      uid: bob.uid,
      nickname: 'Bobby',
      updateMask: { paths: ['nickname'] },
    }),
    butNot: notForMembers(({ groupId, bob }) => ({
      groupId,
      uid: bob.uid,
      role: Role_Value.ADMIN,
      updateMask: { paths: ['role'] },
    })),
  }),
  row(group.removeMember, {
    users: MEMBERS,
    request: ({ groupId, stranger }) => ({ groupId, uid: stranger }),
    butNot: [
      ...notForMembers(({ groupId, ann }: World) => ({ groupId, uid: ann.uid })),
      {
        who: 'the owner, who would leave',
        attempt: ({ groupId, ann }) => ({ as: ann, request: { groupId, uid: ann.uid } }),
        reason: 'OWNER_MUST_TRANSFER',
      },
    ],
  }),
  row(group.transferGroup, {
    users: MEMBERS,
    request: async ({ newGroup, bob }) => ({ groupId: await newGroup(), uid: bob.uid }),
    butNot: notForMembers(({ groupId, bob }) => ({ groupId, uid: bob.uid })),
  }),
  row(group.joinGroup, { users: MEMBERS, request: ofGroup }),
  row(group.listJoinRequests, { users: MEMBERS, request: ofGroup, butNot: notForMembers(ofGroup) }),
  row(group.acceptJoinRequest, { users: MEMBERS, request: toJoin, butNot: notForMembers(toJoin) }),
  row(group.rejectJoinRequest, { users: MEMBERS, request: toJoin, butNot: notForMembers(toJoin) }),
  row(group.adminCreateGroup, {
    scope: 'groups',
    request: ({ stranger }) => ({ name: 'of the product', memberUids: [stranger] }),
  }),
  row(group.adminAddMembers, {
    scope: 'groups',
    request: ({ groupId, bob }) => ({ groupId, uids: [bob.uid] }),
  }),
  row(group.adminRemoveMember, {
    scope: 'groups',
    request: ({ groupId, stranger }) => ({ groupId, uid: stranger }),
  }),
];
