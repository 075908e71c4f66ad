import {
  HistoryPolicy_Value as HistoryPolicy,
  JoinPolicy_Value as JoinPolicy,
  Role_Value as Role,
  JoinRequestState_Value as State,
} from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startGroupProcess, UNKNOWN_UID } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
beforeEach(async () => {
  fixture = await startGroupProcess({ settings: { maxMembers: 10 } });
});
afterEach(() => fixture.process.stop());

test('any member brings friends in, who see what the group lets them see', async () => {
  const { groups, makeGroup, toldSince, members } = fixture;
  const group = await makeGroup(['1', '2']);
  const { groupId } = group;
  const answer = await groups.inviteMembers({ groupId, uids: ['4', '2', '3', '4'] }, as('2'));
  expect(answer.members.map(({ uid, role, user }) => [uid, role, user?.nickname])).toEqual([
    ['4', Role.MEMBER, 'Nick 4'],
    ['2', Role.MEMBER, 'Nick 2'],
    ['3', Role.MEMBER, 'Nick 3'],
  ]);
  expect(toldSince(group, 3)).toMatchObject([
    ['2', 'addMembers', { uids: ['4', '3'], inviterUid: '2', role: Role.MEMBER, history: HistoryPolicy.ALL }],
  ]);
  expect(await members(groupId, '4')).toEqual({ 1: 1, 2: 3, 3: 3, 4: 3 });
  expect((await groups.getGroup({ groupId }, as('3'))).group?.memberCount).toBe(4);
});

test('later joiners get the history policy of the time', async () => {
  const { groups, makeGroup, told } = fixture;
  const group = await makeGroup(['1']);
  const { groupId } = group;
  const updateMask = { paths: ['history_policy'] };
  await groups.updateGroup({ groupId, historyPolicy: HistoryPolicy.FROM_JOIN, updateMask }, as('1'));
  await groups.inviteMembers({ groupId, uids: ['2'] }, as('1'));
  expect(told(group).at(-1)?.kind).toMatchObject({ value: { history: HistoryPolicy.FROM_JOIN } });
});

test('inviting members changes nothing and needs no neighbour', async () => {
  const { groups, neighbours, makeGroup, told } = fixture;
  const group = await makeGroup(['1', '2']);
  neighbours.strangers.add('2');
  neighbours.friendsAway = true;
  neighbours.usersAway = true;
  const { groupId } = group;
  const answer = await groups.inviteMembers({ groupId, uids: ['2', '1'] }, as('2'));
  expect(answer.members.map(({ uid, user }) => [uid, user])).toEqual([
    ['2', undefined],
    ['1', undefined],
  ]);
  expect(told(group)).toHaveLength(3);
});

test('one who may not be invited keeps all out; nothing is done', async () => {
  const { groups, neighbours, makeGroup, told, members } = fixture;
  const group = await makeGroup(['1', '2']);
  const { groupId } = group;
  neighbours.strangers.add('7');
  neighbours.blockers.add('8');
  for (const [uids, reason] of [
    [['3', '7'], 'INVITE_NOT_ALLOWED'],
    [['3', '8'], 'INVITE_NOT_ALLOWED'],
    [['3', UNKNOWN_UID], 'USER_NOT_FOUND'],
  ] as const) {
    const answer = groups.inviteMembers({ groupId, uids: [...uids] }, as('2'));
    await expect(answer).rejects.toMatchObject({ reason });
  }
  expect(told(group)).toHaveLength(3);
  expect(await members(groupId, '1')).toEqual({ 1: 1, 2: 3 });
});

test('however many are invited at the same moment, the group stays within its bound', async () => {
  const { groups, makeGroup, members, told } = fixture;
  const group = await makeGroup(['1', '2']);
  const { groupId } = group;
  const invitations = await Promise.allSettled(
    Array.from({ length: 12 }, (_, index) =>
      groups.inviteMembers({ groupId, uids: [String(100 + index), '50'] }, as(index % 2 ? '1' : '2')),
    ),
  );
  const refused = invitations.filter((each) => each.status === 'rejected');
  for (const { reason } of refused) expect(reason).toMatchObject({ reason: 'GROUP_FULL' });
  const present = Object.keys(await members(groupId, '1'));
  expect(present).toHaveLength(10);
  expect(refused).toHaveLength(5);
  expect((await groups.getGroup({ groupId }, as('1'))).group?.memberCount).toBe(10);
  const added = told(group).flatMap(({ kind }) => (kind.case === 'addMembers' ? kind.value.uids : []));
  expect(added.toSorted()).toEqual(present.toSorted());
});

test('who asked to join and is invited is a member, and their request accepted', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1', '2'], { joinPolicy: JoinPolicy.APPROVAL });
  await groups.joinGroup({ groupId }, as('3'));
  await groups.inviteMembers({ groupId, uids: ['3'] }, as('2'));
  expect((await groups.listJoinRequests({ groupId }, as('1'))).requests).toMatchObject([
    { uid: '3', state: State.ACCEPTED },
  ]);
});
