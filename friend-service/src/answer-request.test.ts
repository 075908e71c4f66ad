import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess } from './testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;
let requestId: string;

beforeEach(async () => {
  fixture = await startFriendProcess();
  const { request } = await fixture.friends.createFriendRequest({ uid: '2' }, as('1'));
  requestId = request!.requestId;
});

afterEach(() => fixture.process.stop());

test('accepting makes friends of both and opens their conversation, once however often it is said', async () => {
  const { friends, told } = fixture;
  const answers = await Promise.all([1, 2, 3].map(() => friends.acceptFriendRequest({ requestId }, as('2'))));
  for (const { request } of answers) expect(request?.state).toBe(State.ACCEPTED);
  expect((await friends.listFriends({}, as('1'))).friends.map((friend) => friend.uid)).toEqual(['2']);
  expect((await friends.listFriends({}, as('2'))).friends.map((friend) => friend.uid)).toEqual(['1']);
  expect(told('s:1:2').map((record) => [record.actorUid, record.kind.case])).toEqual([
    ['2', 'addFriendship'],
  ]);
  for (const uid of ['1', '2']) {
    expect(told(`n:${uid}`).map((record) => record.kind.case)).toEqual([
      'notifyFriendRequest',
      'notifyFriendRequest',
      'notifyFriendAdded',
    ]);
  }
});

test('rejecting is told to both and leaves them no friends; a new request may follow', async () => {
  const { friends, told } = fixture;
  const { request } = await friends.rejectFriendRequest({ requestId }, as('2'));
  expect(request?.state).toBe(State.REJECTED);
  for (const uid of ['1', '2']) {
    expect(told(`n:${uid}`).at(-1)).toMatchObject({
      actorUid: '2',
      kind: { case: 'notifyFriendRequest', value: { request: { state: State.REJECTED } } },
    });
    expect((await friends.listFriends({}, as(uid))).friends).toEqual([]);
  }
  expect(await friends.rejectFriendRequest({ requestId }, as('2'))).toMatchObject({ request });
  expect(told('n:1')).toHaveLength(2);

  const again = await friends.createFriendRequest({ uid: '2' }, as('1'));
  expect(again.request).toMatchObject({ state: State.PENDING });
  expect(again.request?.requestId).not.toBe(requestId);
});

test('an answer cannot be changed', async () => {
  const { friends } = fixture;
  await friends.rejectFriendRequest({ requestId }, as('2'));
  await expect(friends.acceptFriendRequest({ requestId }, as('2'))).rejects.toMatchObject({
    reason: 'REQUEST_NOT_PENDING',
  });
  const other = await friends.createFriendRequest({ uid: '1' }, as('2'));
  await friends.acceptFriendRequest({ requestId: other.request!.requestId }, as('1'));
  await expect(
    friends.rejectFriendRequest({ requestId: other.request!.requestId }, as('1')),
  ).rejects.toMatchObject({ reason: 'REQUEST_NOT_PENDING' });
});

test("a request is its addressee's alone to answer, for others it is not there", async () => {
  const { friends } = fixture;
  for (const [id, uid] of [
    [requestId, '1'],
    [requestId, '3'],
    ['unknown', '2'],
  ] as const) {
    for (const answer of [friends.acceptFriendRequest, friends.rejectFriendRequest]) {
      await expect(answer({ requestId: id }, as(uid))).rejects.toMatchObject({
        reason: 'FRIEND_REQUEST_NOT_FOUND',
      });
    }
  }
  expect((await friends.listFriendRequests({}, as('2'))).requests).toMatchObject([{ state: State.PENDING }]);
});
