import {
  HistoryPolicy_Value as HistoryPolicy,
  JoinPolicy_Value as JoinPolicy,
  Role_Value as Role,
} from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startGroupProcess, UNKNOWN_UID } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
beforeEach(async () => {
  fixture = await startGroupProcess();
});
afterEach(() => fixture.process.stop());

test('the creator is the owner, and the log begins with the owner, the others and the group', async () => {
  const { groups, told, members } = fixture;
  const { group } = await groups.createGroup(
    { name: '茶馆', memberUids: ['2', '3', '2', '1'], avatarUrl: 'https://a.example/1.png' },
    as('1'),
  );
  expect(group).toMatchObject({
    conversationId: `g:${group!.groupId}`,
    name: '茶馆',
    avatarUrl: 'https://a.example/1.png',
    announcement: '',
    ownerUid: '1',
    memberCount: 3,
    joinPolicy: JoinPolicy.INVITE_ONLY,
    historyPolicy: HistoryPolicy.ALL,
    muteAll: false,
  });
  expect(group!.groupId).toMatch(/^[1-9][0-9]{0,15}$/);
  expect(await members(group!.groupId, '2')).toEqual({ 1: Role.OWNER, 2: Role.MEMBER, 3: Role.MEMBER });
  const history = HistoryPolicy.ALL;
  expect(told(group!).map((record) => [record.actorUid, record.kind])).toMatchObject([
    ['1', { case: 'addMembers', value: { uids: ['1'], inviterUid: '1', role: Role.OWNER, history } }],
    ['1', { case: 'addMembers', value: { uids: ['2', '3'], inviterUid: '1', role: Role.MEMBER, history } }],
    ['1', { case: 'updateGroup', value: { group } }],
  ]);
  expect(fixture.neighbours.taken.map(({ version }) => version)).toEqual([1]);
});

test('a group of one is a group', async () => {
  const { groups, told } = fixture;
  const { group } = await groups.createGroup({ name: 'me' }, as('1'));
  expect(group).toMatchObject({ memberCount: 1 });
  expect(told(group!).map((record) => record.kind.case)).toEqual(['addMembers', 'updateGroup']);
});

test('people who may not be invited: one answer that names nobody, and no group', async () => {
  const { groups, neighbours } = fixture;
  neighbours.strangers.add('7');
  neighbours.blockers.add('8');
  const answers = [];
  for (const uid of ['7', '8']) {
    const answer = groups.createGroup({ name: 'x', memberUids: ['2', uid] }, as('1'));
    const { reason, message, metadata } = await answer.catch((error) => error);
    answers.push({ reason, message, metadata });
  }
  expect(answers[0]).toMatchObject({ reason: 'INVITE_NOT_ALLOWED', metadata: {} });
  expect(answers[1]).toEqual(answers[0]);
  for (const uid of ['1', '2']) expect((await groups.listGroups({}, as(uid))).groups).toEqual([]);
  expect(neighbours.taken).toEqual([]);
});

test('whom user-service does not know is not found', async () => {
  const { groups } = fixture;
  const answer = groups.createGroup({ name: 'x', memberUids: ['2', UNKNOWN_UID] }, as('1'));
  await expect(answer).rejects.toMatchObject({ reason: 'USER_NOT_FOUND', metadata: { uid: UNKNOWN_UID } });
});

test('a neighbour who cannot say whether people may be invited makes it a moment later', async () => {
  const { groups, neighbours } = fixture;
  neighbours.friendsAway = true;
  const answer = groups.createGroup({ name: 'x', memberUids: ['2'] }, as('1'));
  await expect(answer).rejects.toMatchObject({ reason: 'SERVICE_AWAY' });
  await groups.createGroup({ name: 'alone' }, as('1'));
});

test.each([
  ['name', { name: '  ' }],
  ['name', { name: 'a\nb' }],
  ['avatarUrl', { name: 'x', avatarUrl: 'javascript:alert(1)' }],
])('%s of %o is refused', async (field, request) => {
  await expect(fixture.groups.createGroup(request, as('1'))).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    metadata: { field },
  });
});

test('with directMessages: anyone those who are no friends are invited too, who blocks still not', async () => {
  const anyone = await startGroupProcess({ settings: { directMessages: 'anyone' } });
  try {
    anyone.neighbours.strangers.add('7');
    anyone.neighbours.blockers.add('8');
    await anyone.groups.createGroup({ name: 'x', memberUids: ['7'] }, as('1'));
    const answer = anyone.groups.createGroup({ name: 'x', memberUids: ['7', '8'] }, as('1'));
    await expect(answer).rejects.toMatchObject({ reason: 'INVITE_NOT_ALLOWED' });
  } finally {
    await anyone.process.stop();
  }
});

test('a group is never larger than its bound', async () => {
  const small = await startGroupProcess({ settings: { maxMembers: 3 } });
  try {
    await small.groups.createGroup({ name: 'x', memberUids: ['2', '3'] }, as('1'));
    const answer = small.groups.createGroup({ name: 'x', memberUids: ['2', '3', '4'] }, as('1'));
    await expect(answer).rejects.toMatchObject({ reason: 'GROUP_FULL', metadata: { maxMembers: '3' } });
  } finally {
    await small.process.stop();
  }
});
