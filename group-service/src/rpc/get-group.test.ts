import { create } from '@bufbuild/protobuf';
import { GroupSchema, JoinPolicy_Value as JoinPolicy } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, outcomesOf, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
beforeEach(async () => {
  fixture = await startGroupProcess();
});
afterEach(() => fixture.process.stop());

test.each([
  ['OPEN', JoinPolicy.OPEN],
  ['APPROVAL', JoinPolicy.APPROVAL],
])('who is no member sees of an %s group what joining needs, and no more', async (_name, joinPolicy) => {
  const { groups, makeGroup } = fixture;
  const { groupId, conversationId, name } = await makeGroup(['1', '2'], { joinPolicy });
  const announcement = 'for members only';
  const request = {
    groupId,
    announcement,
    muteAll: true,
    updateMask: { paths: ['announcement', 'mute_all'] },
  };
  await groups.updateGroup(request, as('1'));
  const outside = create(GroupSchema, { groupId, conversationId, name, memberCount: 2, joinPolicy });
  expect((await groups.getGroup({ groupId }, as('9'))).group).toEqual(outside);
  expect((await groups.getGroup({ groupId }, as('2'))).group).toMatchObject({ announcement, ownerUid: '1' });
  await groups.removeMember({ groupId, uid: '2' }, as('2'));
  expect((await groups.getGroup({ groupId }, as('2'))).group).toEqual({ ...outside, memberCount: 1 });
});

test('a group that only invites is there for its members alone', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1', '2']);
  await groups.removeMember({ groupId, uid: '2' }, as('1'));
  const answers: object[] = [];
  for (const [id, uid] of [
    [groupId, '2'],
    [groupId, '9'],
    ['77', '9'],
  ] as const) {
    const { reason, message, metadata } = await groups.getGroup({ groupId: id }, as(uid)).catch((e) => e);
    answers.push({ reason, message, metadata });
  }
  expect(answers[0]).toMatchObject({ reason: 'GROUP_NOT_FOUND' });
  expect(answers).toEqual(answers.map(() => answers[0]));
});

test('to who is no member, and to who was one, nothing else of a group is there', async () => {
  const { groups, makeGroup, told } = fixture;
  const group = await makeGroup(['1', '2', '3'], { joinPolicy: JoinPolicy.OPEN });
  const { groupId } = group;
  await groups.removeMember({ groupId, uid: '2' }, as('1'));
  const before = told(group).length;
  const mask = (path: string) => ({ updateMask: { paths: [path] } });
  for (const caller of [as('2'), as('9')]) {
    const outcomes = await outcomesOf([
      groups.updateGroup({ groupId, name: 'x', ...mask('name') }, caller),
      groups.dismissGroup({ groupId }, caller),
      groups.listMembers({ groupId }, caller),
      groups.inviteMembers({ groupId, uids: ['3'] }, caller),
      groups.updateMember({ groupId, uid: '3', nickname: 'x', ...mask('nickname') }, caller),
      groups.removeMember({ groupId, uid: '3' }, caller),
      groups.removeMember({ groupId, uid: '2' }, caller),
      groups.transferGroup({ groupId, uid: '3' }, caller),
      groups.listJoinRequests({ groupId }, caller),
      groups.acceptJoinRequest({ groupId, requestId: 'x' }, caller),
      groups.rejectJoinRequest({ groupId, requestId: 'x' }, caller),
    ]);
    expect(outcomes).toEqual(outcomes.map(() => 'GROUP_NOT_FOUND'));
  }
  expect(told(group)).toHaveLength(before);
});
