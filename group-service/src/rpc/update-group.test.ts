import {
  HistoryPolicy_Value as HistoryPolicy,
  JoinPolicy_Value as JoinPolicy,
} from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
let group: Awaited<ReturnType<typeof fixture.makeGroup>>;
beforeEach(async () => {
  fixture = await startGroupProcess();
  group = await fixture.makeGroup(['1', '2', '3'], { admins: ['2'] });
});
afterEach(() => fixture.process.stop());

const ALL = {
  name: '新茶馆',
  avatarUrl: 'https://a.example/2.png',
  announcement: '今晚\n八点',
  joinPolicy: JoinPolicy.OPEN,
  historyPolicy: HistoryPolicy.FROM_JOIN,
  muteAll: true,
};
const EVERYTHING = ['name', 'avatar_url', 'announcement', 'join_policy', 'history_policy', 'mute_all'];

const update = async (changes: Partial<typeof ALL>, paths: string[], by = '2') =>
  (await fixture.groups.updateGroup({ groupId: group.groupId, ...changes, updateMask: { paths } }, as(by)))
    .group!;

test('owner and admins change the group, and the log is told how it is now', async () => {
  const { told, groups } = fixture;
  const before = told(group).length;
  const updated = await update(ALL, EVERYTHING);
  expect(updated).toMatchObject({ ...ALL, groupId: group.groupId, ownerUid: '1', memberCount: 3 });
  expect(told(group).slice(before)).toMatchObject([
    { actorUid: '2', kind: { case: 'updateGroup', value: { group: updated } } },
  ]);
  expect((await groups.getGroup({ groupId: group.groupId }, as('3'))).group).toEqual(updated);
});

test('only what is named changes, and what is cleared has its default again', async () => {
  await update(ALL, EVERYTHING);
  expect(await update({ name: 'x' }, ['mute_all'])).toMatchObject({ ...ALL, muteAll: false });
  expect(await update({}, EVERYTHING.slice(1))).toMatchObject({
    name: ALL.name,
    avatarUrl: '',
    announcement: '',
    joinPolicy: JoinPolicy.INVITE_ONLY,
    historyPolicy: HistoryPolicy.ALL,
  });
});

test('what changes nothing is told to nobody', async () => {
  await update(ALL, EVERYTHING);
  const { told } = fixture;
  const before = told(group).length;
  expect(await update(ALL, EVERYTHING)).toMatchObject(ALL);
  expect(told(group)).toHaveLength(before);
});

test.each([
  [{}, ['name'], 'INVALID_FIELD'],
  [{ name: ' ' }, ['name'], 'INVALID_FIELD'],
  [{ avatarUrl: 'file:///etc/passwd' }, ['avatar_url'], 'INVALID_FIELD'],
  [{}, ['owner_uid'], 'INVALID_FIELD'],
  [{ name: 'x' }, [], 'EMPTY_PATCH'],
])('%o with the mask %o is refused', async (changes, paths, reason) => {
  await expect(update(changes, paths)).rejects.toMatchObject({ reason });
});

test('a member does not change the group', async () => {
  await expect(update({ name: 'x' }, ['name'], '3')).rejects.toMatchObject({ reason: 'ROLE_REQUIRED' });
});
