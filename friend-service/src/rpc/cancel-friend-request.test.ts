import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { FriendRequestDirection_Value as Direction } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess } from '../testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;
let requestId: string;

beforeEach(async () => {
  fixture = await startFriendProcess();
  const { request } = await fixture.friends.createFriendRequest({ uid: '2' }, as('1'));
  requestId = request!.requestId;
});

afterEach(() => fixture.process.stop());

test('a request taken back is told to both, once however often it is said', async () => {
  const { friends, told } = fixture;
  const answers = await Promise.all([1, 2, 3].map(() => friends.cancelFriendRequest({ requestId }, as('1'))));
  for (const { request } of answers) expect(request).toMatchObject({ requestId, state: State.CANCELLED });
  for (const uid of ['1', '2']) {
    expect(told(`n:${uid}`)).toHaveLength(2);
    expect(told(`n:${uid}`).at(-1)).toMatchObject({
      actorUid: '1',
      kind: { case: 'notifyFriendRequest', value: { request: { requestId, state: State.CANCELLED } } },
    });
  }
  expect((await friends.listFriendRequests({}, as('2'))).requests).toMatchObject([
    { state: State.CANCELLED },
  ]);
  await expect(friends.acceptFriendRequest({ requestId }, as('2'))).rejects.toMatchObject({
    reason: 'REQUEST_NOT_PENDING',
  });
});

test('afterwards the other asks anew, and no friendship comes of what was taken back', async () => {
  const { friends } = fixture;
  await friends.cancelFriendRequest({ requestId }, as('1'));
  const { request } = await friends.createFriendRequest({ uid: '1' }, as('2'));
  expect(request).toMatchObject({ fromUid: '2', state: State.PENDING });
  expect((await friends.listFriends({}, as('1'))).friends).toEqual([]);
});

test('what was answered is not taken back', async () => {
  const { friends } = fixture;
  await friends.rejectFriendRequest({ requestId }, as('2'));
  await expect(friends.cancelFriendRequest({ requestId }, as('1'))).rejects.toMatchObject({
    reason: 'REQUEST_NOT_PENDING',
  });
});

test('taken back and accepted at the same moment, one of the two holds', async () => {
  const { friends } = fixture;
  const [cancelled, accepted] = await Promise.allSettled([
    friends.cancelFriendRequest({ requestId }, as('1')),
    friends.acceptFriendRequest({ requestId }, as('2')),
  ]);
  expect([cancelled.status, accepted.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  const friendsNow = (await friends.listFriends({}, as('1'))).friends;
  expect(friendsNow).toHaveLength(accepted.status === 'fulfilled' ? 1 : 0);
});

test("a request is its sender's alone to take back, for others it is not there", async () => {
  const { friends } = fixture;
  for (const [id, uid] of [
    [requestId, '2'],
    [requestId, '3'],
    ['unknown', '1'],
  ] as const) {
    await expect(friends.cancelFriendRequest({ requestId: id }, as(uid))).rejects.toMatchObject({
      reason: 'FRIEND_REQUEST_NOT_FOUND',
    });
  }
  const outgoing = await friends.listFriendRequests({ direction: Direction.OUTGOING }, as('1'));
  expect(outgoing.requests).toMatchObject([{ state: State.PENDING }]);
});
