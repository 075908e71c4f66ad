import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
let groupId: string;
let group: Awaited<ReturnType<typeof fixture.makeGroup>>;
beforeEach(async () => {
  fixture = await startGroupProcess();
  group = await fixture.makeGroup(['1', '2', '3', '4', '5'], { admins: ['2', '3'] });
  ({ groupId } = group);
});
afterEach(() => fixture.process.stop());

const remove = (uid: string, by: string) => fixture.groups.removeMember({ groupId, uid }, as(by));

test('who is removed is gone when it returns', async () => {
  const { told, members, groups } = fixture;
  await remove('5', '2');
  expect(told(group).at(-1)).toMatchObject({
    actorUid: '2',
    kind: { case: 'removeMembers', value: { uids: ['5'], left: false } },
  });
  expect(await members(groupId, '1')).toEqual({ 1: 1, 2: 2, 3: 2, 4: 3 });
  expect((await groups.getGroup({ groupId }, as('1'))).group?.memberCount).toBe(4);
  expect((await groups.listGroups({}, as('5'))).groups).toEqual([]);
});

test('who leaves has left', async () => {
  await remove('4', '4');
  expect(fixture.told(group).at(-1)).toMatchObject({
    actorUid: '4',
    kind: { case: 'removeMembers', value: { uids: ['4'], left: true } },
  });
  await expect(remove('4', '4')).rejects.toMatchObject({ reason: 'GROUP_NOT_FOUND' });
});

test.each([
  ['an admin', 'the owner', '2', '1'],
  ['an admin', 'another admin', '2', '3'],
  ['a member', 'the owner', '4', '1'],
  ['a member', 'an admin', '4', '2'],
  ['a member', 'a member', '4', '5'],
  ['a member', 'who is no member', '4', '9'],
])('%s does not remove %s', async (_who, _whom, by, uid) => {
  await expect(remove(uid, by)).rejects.toMatchObject({ reason: 'ROLE_REQUIRED' });
  expect(Object.keys(await fixture.members(groupId, '1'))).toHaveLength(5);
});

test('who is no member is gone already, and nothing is told', async () => {
  const { told } = fixture;
  const before = told(group).length;
  await remove('9', '2');
  await Promise.all([remove('5', '1'), remove('5', '2'), remove('5', '3')]);
  expect(told(group)).toHaveLength(before + 1);
});

test('the owner goes only after handing the group over, also as the last one', async () => {
  const refused = { reason: 'OWNER_MUST_TRANSFER' };
  await expect(remove('1', '1')).rejects.toMatchObject(refused);
  const alone = await fixture.makeGroup(['1']);
  await expect(
    fixture.groups.removeMember({ groupId: alone.groupId, uid: '1' }, as('1')),
  ).rejects.toMatchObject(refused);
});

test('admins removing each other at the same moment: neither is above the other', async () => {
  const answers = await Promise.allSettled([remove('3', '2'), remove('2', '3'), remove('4', '2')]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
});

test('an admin made a member while they remove somebody: either before or not at all', async () => {
  const { groups, members, told } = fixture;
  const demote = groups.updateMember(
    { groupId, uid: '2', role: Role.MEMBER, updateMask: { paths: ['role'] } },
    as('1'),
  );
  const [, removed] = await Promise.allSettled([demote, remove('5', '2')]);
  const gone = !('5' in (await members(groupId, '1')));
  expect(removed.status).toBe(gone ? 'fulfilled' : 'rejected');
  const kinds = told(group).map(({ kind }) => kind.case);
  if (gone) expect(kinds.lastIndexOf('removeMembers')).toBeLessThan(kinds.lastIndexOf('updateMember'));
});

test('the group handed over while its owner leaves: it always has exactly one owner', async () => {
  const { groups, members, told } = fixture;
  const [transfer, leave] = await Promise.allSettled([
    groups.transferGroup({ groupId, uid: '4' }, as('1')),
    remove('1', '1'),
  ]);
  expect(transfer.status).toBe('fulfilled');
  const roles = await members(groupId, '4');
  expect(Object.values(roles).filter((role) => role === Role.OWNER)).toHaveLength(1);
  expect(roles[4]).toBe(Role.OWNER);
  expect('1' in roles).toBe(leave.status === 'rejected');
  if (leave.status === 'fulfilled') expect(told(group).at(-1)?.kind.case).toBe('removeMembers');
});
