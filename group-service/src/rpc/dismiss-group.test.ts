import { JoinPolicy_Value as JoinPolicy } from '@im/common/gen/im/group/v1/group_pb.ts';
import { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, outcomesOf, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
beforeEach(async () => {
  fixture = await startGroupProcess();
});
afterEach(() => fixture.process.stop());

test('the owner dismisses the group, once however often it is said', async () => {
  const { groups, makeGroup, told } = fixture;
  const group = await makeGroup(['1', '2']);
  const { groupId } = group;
  await Promise.all([1, 2, 3].map(() => groups.dismissGroup({ groupId }, as('1'))));
  expect(told(group).filter(({ kind }) => kind.case === 'dismissGroup')).toMatchObject([{ actorUid: '1' }]);
  for (const uid of ['1', '2']) expect((await groups.listGroups({}, as(uid))).groups).toEqual([]);
});

test('to all others it is gone, and nothing of it changes any more', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1', '2', '3'], { admins: ['2'], joinPolicy: JoinPolicy.APPROVAL });
  const { request } = await groups.joinGroup({ groupId }, as('5'));
  const { requestId } = request!;
  await groups.dismissGroup({ groupId }, as('1'));
  const mask = (path: string) => ({ updateMask: { paths: [path] } });
  for (const uid of ['1', '2', '3', '9']) {
    const caller = as(uid);
    const outcomes = await outcomesOf([
      groups.getGroup({ groupId }, caller),
      groups.updateGroup({ groupId, name: 'x', ...mask('name') }, caller),
      groups.listMembers({ groupId }, caller),
      groups.inviteMembers({ groupId, uids: ['4'] }, caller),
      groups.updateMember({ groupId, uid: '3', nickname: 'x', ...mask('nickname') }, caller),
      groups.removeMember({ groupId, uid: '3' }, caller),
      groups.transferGroup({ groupId, uid: '2' }, caller),
      groups.joinGroup({ groupId }, caller),
      groups.listJoinRequests({ groupId }, caller),
      groups.acceptJoinRequest({ groupId, requestId }, caller),
      groups.rejectJoinRequest({ groupId, requestId }, caller),
      ...(uid === '1' ? [] : [groups.dismissGroup({ groupId }, caller)]),
    ]);
    expect(outcomes).toEqual(outcomes.map(() => 'GROUP_NOT_FOUND'));
  }
});

test('its members keep it in their conversations', async () => {
  const { groups, makeGroup, process } = fixture;
  const [one, two] = [await makeGroup(['1', '2']), await makeGroup(['1'])];
  await groups.dismissGroup({ groupId: one.groupId }, as('1'));
  const answer = await process
    .client(GroupService, 'chat-service')
    .batchGetGroups({ groupIds: [two.groupId, '77', one.groupId, two.groupId] });
  expect(answer.groups).toEqual([two, one]);
});

test.each([
  ['an admin', '2', 'ROLE_REQUIRED'],
  ['a member', '3', 'ROLE_REQUIRED'],
  ['who is no member', '9', 'GROUP_NOT_FOUND'],
])('not by %s', async (_who, uid, reason) => {
  const { groupId } = await fixture.makeGroup(['1', '2', '3'], { admins: ['2'] });
  await expect(fixture.groups.dismissGroup({ groupId }, as(uid))).rejects.toMatchObject({ reason });
});
