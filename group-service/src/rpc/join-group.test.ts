import {
  HistoryPolicy_Value as HistoryPolicy,
  JoinPolicy_Value as JoinPolicy,
  Role_Value as Role,
  JoinRequestState_Value as State,
} from '@im/common/gen/im/group/v1/group_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startGroupProcess } from '../testing/group-process.ts';

let fixture: Awaited<ReturnType<typeof startGroupProcess>>;
let nowMs: number;
beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  fixture = await startGroupProcess({ now: () => nowMs, settings: { maxMembers: 4 } });
});
afterEach(() => fixture.process.stop());

const requests = async (groupId: string, uid = '1') =>
  (await fixture.groups.listJoinRequests({ groupId }, as(uid))).requests;

test('an open group is joined at once, once however often it is said', async () => {
  const { groups, makeGroup, told } = fixture;
  const group = await makeGroup(['1'], { joinPolicy: JoinPolicy.OPEN });
  const { groupId } = group;
  const answers = await Promise.all([1, 2, 3].map(() => groups.joinGroup({ groupId }, as('5'))));
  for (const answer of answers) {
    expect(answer).toMatchObject({ group: { groupId, memberCount: 2, ownerUid: '1' } });
    expect(answer.request).toBeUndefined();
  }
  expect(told(group).slice(-1)).toMatchObject([
    {
      actorUid: '5',
      kind: {
        case: 'addMembers',
        value: { uids: ['5'], inviterUid: '5', role: Role.MEMBER, history: HistoryPolicy.ALL },
      },
    },
  ]);
  expect(told(group).filter(({ kind }) => kind.case === 'addMembers')).toHaveLength(2);
});

test('a group that approves is asked: one open request each, kept as it was first said', async () => {
  const { groups, makeGroup, told } = fixture;
  const group = await makeGroup(['1'], { joinPolicy: JoinPolicy.APPROVAL });
  const { groupId } = group;
  const before = told(group).length;
  const [first] = await Promise.all(
    ['让我进来', 'again'].map((message) => groups.joinGroup({ groupId, message }, as('5'))),
  );
  expect(first?.group).toBeUndefined();
  expect(first?.request).toMatchObject({ groupId, uid: '5', message: '让我进来', state: State.PENDING });
  expect(await requests(groupId)).toEqual([first!.request]);
  expect(told(group)).toHaveLength(before);
  await expect(groups.listMembers({ groupId }, as('5'))).rejects.toMatchObject({
    reason: 'GROUP_NOT_FOUND',
  });
});

test('an accepted request makes a member, let in by who accepted, once', async () => {
  const { groups, makeGroup, toldSince, told } = fixture;
  const group = await makeGroup(['1', '2'], { admins: ['2'], joinPolicy: JoinPolicy.APPROVAL });
  const { groupId } = group;
  const before = told(group).length;
  const { request } = await groups.joinGroup({ groupId }, as('5'));
  const { requestId } = request!;
  await Promise.all(['1', '2', '2'].map((uid) => groups.acceptJoinRequest({ groupId, requestId }, as(uid))));
  const [record, ...more] = toldSince(group, before);
  expect(more).toEqual([]);
  expect(record).toMatchObject([expect.stringMatching(/^[12]$/), 'addMembers', { uids: ['5'] }]);
  expect((record![2] as { inviterUid: string }).inviterUid).toBe(record![0]);
  expect((await groups.joinGroup({ groupId }, as('5'))).group?.memberCount).toBe(3);
  await expect(groups.rejectJoinRequest({ groupId, requestId }, as('1'))).rejects.toMatchObject({
    reason: 'REQUEST_NOT_PENDING',
  });
});

test('who was refused may ask anew', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1'], { joinPolicy: JoinPolicy.APPROVAL });
  const { request } = await groups.joinGroup({ groupId }, as('5'));
  const { requestId } = request!;
  for (let i = 0; i < 2; i++) {
    const { request } = await groups.rejectJoinRequest({ groupId, requestId }, as('1'));
    expect(request).toMatchObject({ requestId, state: State.REJECTED });
  }
  await expect(groups.acceptJoinRequest({ groupId, requestId }, as('1'))).rejects.toMatchObject({
    reason: 'REQUEST_NOT_PENDING',
  });
  nowMs++;
  await groups.joinGroup({ groupId }, as('5'));
  expect((await requests(groupId)).map(({ state }) => state)).toEqual([State.PENDING, State.REJECTED]);
});

test('requests are for owner and admins, each for its own group', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1', '2'], { joinPolicy: JoinPolicy.APPROVAL });
  const other = await makeGroup(['1'], { joinPolicy: JoinPolicy.APPROVAL });
  const { request } = await groups.joinGroup({ groupId }, as('5'));
  const { requestId } = request!;
  for (const answer of [groups.acceptJoinRequest, groups.rejectJoinRequest]) {
    await expect(answer({ groupId, requestId }, as('2'))).rejects.toMatchObject({ reason: 'ROLE_REQUIRED' });
    await expect(answer({ groupId, requestId }, as('5'))).rejects.toMatchObject({
      reason: 'GROUP_NOT_FOUND',
    });
    for (const wrong of [
      { groupId: other.groupId, requestId },
      { groupId, requestId: 'unknown' },
    ]) {
      await expect(answer(wrong, as('1'))).rejects.toMatchObject({ reason: 'JOIN_REQUEST_NOT_FOUND' });
    }
  }
  await expect(requests(groupId, '2')).rejects.toMatchObject({ reason: 'ROLE_REQUIRED' });
  await expect(requests(groupId, '5')).rejects.toMatchObject({ reason: 'GROUP_NOT_FOUND' });
});

test('a group that only invites is not there to join, also for who asked before', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1'], { joinPolicy: JoinPolicy.APPROVAL });
  const { request } = await groups.joinGroup({ groupId }, as('5'));
  const updateMask = { paths: ['join_policy'] };
  await groups.updateGroup({ groupId, joinPolicy: JoinPolicy.INVITE_ONLY, updateMask }, as('1'));
  for (const uid of ['5', '6']) {
    await expect(groups.joinGroup({ groupId }, as(uid))).rejects.toMatchObject({
      reason: 'GROUP_NOT_FOUND',
    });
  }
  await groups.acceptJoinRequest({ groupId, requestId: request!.requestId }, as('1'));
  expect((await groups.joinGroup({ groupId }, as('5'))).group?.groupId).toBe(groupId);
});

test('a group opened meanwhile is joined, and the request with it', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1'], { joinPolicy: JoinPolicy.APPROVAL });
  await groups.joinGroup({ groupId }, as('5'));
  const updateMask = { paths: ['join_policy'] };
  await groups.updateGroup({ groupId, joinPolicy: JoinPolicy.OPEN, updateMask }, as('1'));
  expect((await groups.joinGroup({ groupId }, as('5'))).group?.memberCount).toBe(2);
  expect(await requests(groupId)).toMatchObject([{ uid: '5', state: State.ACCEPTED }]);
});

test('a full group takes nobody in, and their request goes on waiting', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1', '2', '3', '4'], { joinPolicy: JoinPolicy.APPROVAL });
  const { request } = await groups.joinGroup({ groupId }, as('5'));
  const { requestId } = request!;
  await expect(groups.acceptJoinRequest({ groupId, requestId }, as('1'))).rejects.toMatchObject({
    reason: 'GROUP_FULL',
  });
  await groups.removeMember({ groupId, uid: '4' }, as('1'));
  const accepted = await groups.acceptJoinRequest({ groupId, requestId }, as('1'));
  expect(accepted.request?.state).toBe(State.ACCEPTED);
});

test('requests come page by page, the newest first', async () => {
  const { groups, makeGroup } = fixture;
  const { groupId } = await makeGroup(['1'], { joinPolicy: JoinPolicy.APPROVAL });
  for (const uid of ['5', '6', '7', '8', '9']) {
    await groups.joinGroup({ groupId }, as(uid));
    if (uid !== '7') nowMs++;
  }
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await groups.listJoinRequests({ groupId, pageSize: 2, pageToken }, as('1'));
    seen.push(...page.requests.map(({ uid }) => uid));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect([seen[0], seen.slice(1, 3).toSorted(), seen.slice(3)]).toEqual(['9', ['7', '8'], ['6', '5']]);
});
