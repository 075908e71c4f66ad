import { JoinPolicy_Value as JoinPolicy, Role_Value as Role } from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
let group: Awaited<ReturnType<typeof fixture.makeGroup>>;
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  fixture = await startGroupProcess({ now: () => nowMs });
  group = await fixture.makeGroup(['1', '2', '3', '4', '5'], { admins: ['2', '3'] });
});
afterEach(() => fixture.process.stop());

interface Changes {
  role?: Role;
  nickname?: string;
  mutedUntil?: string;
}
const PATHS = { role: 'role', nickname: 'nickname', mutedUntil: 'muted_until' } as const;

/** Changes what is named; `undefined` clears it. */
async function update(uid: string, changes: Changes, by: string) {
  const paths = (Object.keys(changes) as (keyof Changes)[]).map((name) => PATHS[name]);
  const request = { groupId: group.groupId, uid, ...changes, updateMask: { paths } };
  return (await fixture.groups.updateMember(request, as(by))).member!;
}

const TOMORROW = '2026-01-02T00:00:00.000Z';
const YESTERDAY = '2025-12-31T00:00:00.000Z';
const CHANGES: Record<string, Changes> = {
  role: { role: Role.MEMBER },
  mute: { mutedUntil: TOMORROW },
  nickname: { nickname: '阿五' },
};

// Who (down) may do what to whom (across): the owner 1, the admins 2 and 3, the members 4 and 5.
test.each([
  ['role', '1', { 1: 'OWNER_MUST_TRANSFER', 2: 'ok', 4: 'ok' }],
  ['role', '2', { 1: 'ROLE_REQUIRED', 2: 'ROLE_REQUIRED', 3: 'ROLE_REQUIRED', 4: 'ROLE_REQUIRED' }],
  ['role', '4', { 1: 'ROLE_REQUIRED', 2: 'ROLE_REQUIRED', 4: 'ROLE_REQUIRED', 5: 'ROLE_REQUIRED' }],
  ['mute', '1', { 1: 'ROLE_REQUIRED', 2: 'ok', 4: 'ok' }],
  ['mute', '2', { 1: 'ROLE_REQUIRED', 2: 'ROLE_REQUIRED', 3: 'ROLE_REQUIRED', 4: 'ok' }],
  ['mute', '4', { 1: 'ROLE_REQUIRED', 2: 'ROLE_REQUIRED', 4: 'ROLE_REQUIRED', 5: 'ROLE_REQUIRED' }],
  ['nickname', '1', { 1: 'ok', 2: 'ok', 4: 'ok' }],
  ['nickname', '2', { 1: 'ROLE_REQUIRED', 2: 'ok', 3: 'ROLE_REQUIRED', 4: 'ok' }],
  ['nickname', '4', { 1: 'ROLE_REQUIRED', 2: 'ROLE_REQUIRED', 4: 'ok', 5: 'ROLE_REQUIRED' }],
])('%s by %s', async (change, by, expected) => {
  const outcomes: Record<string, string> = {};
  for (const uid of Object.keys(expected)) {
    const answer = update(uid, CHANGES[change]!, by);
    outcomes[uid] = await answer.then(
      () => 'ok',
      (error) => error.reason,
    );
  }
  expect(outcomes).toEqual(expected);
});

test('what changed is told, and nothing else', async () => {
  const { told, toldSince } = fixture;
  const before = told(group).length;
  const member = await update('4', { role: Role.ADMIN, nickname: '阿四', mutedUntil: TOMORROW }, '1');
  expect(member).toMatchObject({ uid: '4', role: Role.ADMIN, nickname: '阿四', mutedUntil: TOMORROW });
  expect(member.user?.nickname).toBe('Nick 4');
  await update('4', { role: Role.ADMIN, nickname: '阿四', mutedUntil: TOMORROW }, '1');
  await update('4', { role: Role.MEMBER, nickname: '阿四' }, '1');
  expect(toldSince(group, before)).toMatchObject([
    ['1', 'updateMember', { uid: '4', role: Role.ADMIN, nickname: '阿四', mutedUntil: TOMORROW }],
    ['1', 'updateMember', { uid: '4', role: Role.MEMBER }],
  ]);
  const [, , value] = toldSince(group, before)[1]!;
  expect(value).not.toHaveProperty('nickname');
  expect(value).not.toHaveProperty('mutedUntil');
  expect(told(group)).toHaveLength(before + 2);
});

test('all of a request or nothing', async () => {
  const { told, members } = fixture;
  const before = told(group).length;
  await expect(update('4', { nickname: 'x', role: Role.ADMIN }, '2')).rejects.toMatchObject({
    reason: 'ROLE_REQUIRED',
  });
  for (const mutedUntil of ['soon', '2099-02-30T00:00:00Z', '9999-12-31T23:59:59-10:00']) {
    await expect(update('4', { role: Role.ADMIN, mutedUntil }, '1')).rejects.toMatchObject({
      reason: 'INVALID_FIELD',
      metadata: { field: 'mutedUntil' },
    });
  }
  expect((await members(group.groupId, '1'))[4]).toBe(Role.MEMBER);
  expect(told(group)).toHaveLength(before);
});

test('nobody becomes the owner but by a transfer', async () => {
  await expect(update('4', { role: Role.OWNER }, '1')).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    metadata: { field: 'role' },
  });
});

test('what is cleared has its default again', async () => {
  await update('2', { nickname: 'x', mutedUntil: TOMORROW }, '1');
  const member = await update('2', { role: undefined, nickname: undefined, mutedUntil: undefined }, '1');
  expect(member).toMatchObject({ role: Role.MEMBER, nickname: '' });
  expect(member.mutedUntil).toBeUndefined();
  expect(fixture.told(group).at(-1)?.kind).toMatchObject({
    value: { role: Role.MEMBER, nickname: '', mutedUntil: '1970-01-01T00:00:00.000Z' },
  });
});

test('a mute in the past is none, and one that is over does not show', async () => {
  const { told } = fixture;
  const before = told(group).length;
  expect((await update('4', { mutedUntil: YESTERDAY }, '2')).mutedUntil).toBeUndefined();
  expect(told(group)).toHaveLength(before);
  await update('4', { mutedUntil: '2026-01-01T01:00:00+00:30' }, '2');
  expect((await fixture.groups.listMembers({ groupId: group.groupId }, as('5'))).members[3]).toMatchObject({
    uid: '4',
    mutedUntil: '2026-01-01T00:30:00.000Z',
  });
  nowMs = Date.UTC(2026, 0, 1, 0, 30);
  expect((await update('4', { nickname: 'x' }, '4')).mutedUntil).toBeUndefined();
  // Over by itself: to end it says nothing.
  const over = told(group).length;
  await update('4', { mutedUntil: undefined }, '2');
  expect(told(group)).toHaveLength(over);
});

test('a mute is not shed by leaving and coming back, and ends in its time', async () => {
  const { groups, makeGroup, told } = fixture;
  group = await makeGroup(['1', '4', '5'], { joinPolicy: JoinPolicy.OPEN });
  const { groupId } = group;
  await update('4', { mutedUntil: TOMORROW }, '1');
  await groups.removeMember({ groupId, uid: '4' }, as('4'));
  await groups.joinGroup({ groupId }, as('4'));
  expect(
    told(group)
      .slice(-2)
      .map(({ kind }) => kind),
  ).toMatchObject([
    { case: 'addMembers', value: { uids: ['4'] } },
    { case: 'updateMember', value: { uid: '4', mutedUntil: TOMORROW } },
  ]);
  const muted = async () =>
    (await groups.listMembers({ groupId }, as('1'))).members.find(({ uid }) => uid === '4')?.mutedUntil;
  expect(await muted()).toBe(TOMORROW);
  await groups.removeMember({ groupId, uid: '4' }, as('1'));
  nowMs = Date.parse(TOMORROW);
  await groups.joinGroup({ groupId }, as('4'));
  expect(await muted()).toBeUndefined();
  expect(told(group).at(-1)?.kind.case).toBe('addMembers');
  await update('4', { mutedUntil: '2027-01-01T00:00:00Z' }, '1');
  await groups.removeMember({ groupId, uid: '4' }, as('1'));
});

test('who is no member is not found, for members', async () => {
  await expect(update('9', { nickname: 'x' }, '4')).rejects.toMatchObject({ reason: 'MEMBER_NOT_FOUND' });
  await expect(update('4', { nickname: 'x' }, '9')).rejects.toMatchObject({ reason: 'GROUP_NOT_FOUND' });
});

test('a request that names nothing, or what cannot be changed, is refused', async () => {
  await expect(update('4', {}, '1')).rejects.toMatchObject({ reason: 'EMPTY_PATCH' });
  const updateMask = { paths: ['joined_at'] };
  await expect(
    fixture.groups.updateMember({ groupId: group.groupId, uid: '4', updateMask }, as('1')),
  ).rejects.toMatchObject({ reason: 'INVALID_FIELD' });
});
