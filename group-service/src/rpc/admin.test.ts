import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, asProgram, outcomesOf, startGroupProcess, UNKNOWN_UID } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
beforeEach(async () => {
  fixture = await startGroupProcess({ settings: { maxMembers: 4 } });
  // The server API asks nobody's friends.
  fixture.neighbours.friendsAway = true;
});
afterEach(() => fixture.process.stop());

test('a group of anybody, owned by the one named or the first', async () => {
  const { groups, told, members } = fixture;
  const first = await groups.adminCreateGroup({ name: 'x', memberUids: ['3', '2', '3'] }, asProgram);
  expect(first.group).toMatchObject({ ownerUid: '3', memberCount: 2 });
  expect(told(first.group!).map(({ actorUid, kind }) => [actorUid, kind])).toMatchObject([
    ['0', { case: 'addMembers', value: { uids: ['3'], inviterUid: '0', role: Role.OWNER } }],
    ['0', { case: 'addMembers', value: { uids: ['2'], inviterUid: '0', role: Role.MEMBER } }],
    ['0', { case: 'updateGroup', value: { group: first.group } }],
  ]);
  const named = await groups.adminCreateGroup(
    { name: 'x', memberUids: ['3', '2'], ownerUid: '9' },
    asProgram,
  );
  expect(await members(named.group!.groupId, '9')).toEqual({ 2: 3, 3: 3, 9: 1 });
  const alone = await groups.adminCreateGroup({ name: 'x', ownerUid: '9' }, asProgram);
  expect(alone.group).toMatchObject({ ownerUid: '9', memberCount: 1 });
});

test('a group has an owner, and people who exist', async () => {
  const { groups } = fixture;
  await expect(groups.adminCreateGroup({ name: 'x' }, asProgram)).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    metadata: { field: 'memberUids' },
  });
  for (const request of [{ memberUids: ['1', UNKNOWN_UID] }, { memberUids: ['1'], ownerUid: UNKNOWN_UID }]) {
    await expect(groups.adminCreateGroup({ name: 'x', ...request }, asProgram)).rejects.toMatchObject({
      reason: 'USER_NOT_FOUND',
    });
  }
});

test('anybody is brought in and taken out, but the owner, and the bound holds', async () => {
  const { groups, makeGroup, told, members } = fixture;
  const group = await makeGroup(['1']);
  const { groupId } = group;
  fixture.neighbours.blockers.add('2');
  const added = await groups.adminAddMembers({ groupId, uids: ['2', '1'] }, asProgram);
  expect(added.members.map(({ uid }) => uid)).toEqual(['2', '1']);
  await groups.adminAddMembers({ groupId, uids: ['2'] }, asProgram);
  for (let i = 0; i < 2; i++) await groups.adminRemoveMember({ groupId, uid: '2' }, asProgram);
  expect(told(group).slice(2)).toMatchObject([
    { actorUid: '0', kind: { case: 'addMembers', value: { uids: ['2'], inviterUid: '0' } } },
    { actorUid: '0', kind: { case: 'removeMembers', value: { uids: ['2'], left: false } } },
  ]);
  await expect(groups.adminRemoveMember({ groupId, uid: '1' }, asProgram)).rejects.toMatchObject({
    reason: 'OWNER_MUST_TRANSFER',
  });
  await expect(
    groups.adminAddMembers({ groupId, uids: ['2', '3', '4', '5'] }, asProgram),
  ).rejects.toMatchObject({ reason: 'GROUP_FULL' });
  expect(await members(groupId, '1')).toEqual({ 1: 1 });
});

test('what is not there, or was dismissed, is not found', async () => {
  const { groups, makeGroup } = fixture;
  const dismissed = await makeGroup(['1']);
  await groups.dismissGroup({ groupId: dismissed.groupId }, as('1'));
  for (const groupId of ['77', dismissed.groupId]) {
    const outcomes = await outcomesOf([
      groups.adminAddMembers({ groupId, uids: ['2'] }, asProgram),
      groups.adminRemoveMember({ groupId, uid: '2' }, asProgram),
    ]);
    expect(outcomes).toEqual(['GROUP_NOT_FOUND', 'GROUP_NOT_FOUND']);
  }
});
