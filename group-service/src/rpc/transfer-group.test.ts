import { Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
let group: Awaited<ReturnType<typeof fixture.makeGroup>>;
beforeEach(async () => {
  fixture = await startGroupProcess();
  group = await fixture.makeGroup(['1', '2', '3'], { admins: ['2'] });
});
afterEach(() => fixture.process.stop());

const transfer = (uid: string, by: string) =>
  fixture.groups.transferGroup({ groupId: group.groupId, uid }, as(by));

test('the owner hands the group over and stays as an admin', async () => {
  const { told, members } = fixture;
  const before = told(group).length;
  expect((await transfer('3', '1')).group).toMatchObject({ ownerUid: '3', memberCount: 3 });
  expect(await members(group.groupId, '1')).toEqual({ 1: Role.ADMIN, 2: Role.ADMIN, 3: Role.OWNER });
  expect(told(group).slice(before)).toMatchObject([
    { actorUid: '1', kind: { case: 'updateMember', value: { uid: '3', role: Role.OWNER } } },
    { actorUid: '1', kind: { case: 'updateMember', value: { uid: '1', role: Role.ADMIN } } },
    { actorUid: '1', kind: { case: 'updateGroup', value: { group: { ownerUid: '3' } } } },
  ]);
  await fixture.groups.removeMember({ groupId: group.groupId, uid: '1' }, as('1'));
});

test('handed over already: nothing happens, and who asks once more hears so', async () => {
  await transfer('3', '1');
  const before = fixture.told(group).length;
  for (const by of ['1', '3']) expect((await transfer('3', by)).group?.ownerUid).toBe('3');
  expect(fixture.told(group)).toHaveLength(before);
});

test('two transfers at the same moment: the first owner hands over once', async () => {
  const answers = await Promise.allSettled([transfer('2', '1'), transfer('3', '1')]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const roles = Object.values(await fixture.members(group.groupId, '1'));
  expect(roles.filter((role) => role === Role.OWNER)).toHaveLength(1);
});

test.each([
  ['an admin, to oneself', '2', '2', 'ROLE_REQUIRED'],
  ['a member, to oneself', '3', '3', 'ROLE_REQUIRED'],
  ['a member, to the owner', '1', '3', 'ROLE_REQUIRED'],
  ['the owner, to who is no member', '9', '1', 'MEMBER_NOT_FOUND'],
  ['who is no member', '9', '9', 'GROUP_NOT_FOUND'],
])('not by %s', async (_who, uid, by, reason) => {
  await expect(transfer(uid, by)).rejects.toMatchObject({ reason });
});
