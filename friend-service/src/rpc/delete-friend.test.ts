import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { as, startFriendProcess } from '../testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;

beforeEach(async () => {
  fixture = await startFriendProcess();
  await fixture.befriend('1', '2');
});

afterEach(() => fixture.process.stop());

test('either ends a friendship for both, told in their conversation and to each, once however often it is said', async () => {
  const { friends, told } = fixture;
  await Promise.all([1, 2, 3].map(() => friends.deleteFriend({ uid: '1' }, as('2'))));
  for (const uid of ['1', '2']) expect((await friends.listFriends({}, as(uid))).friends).toEqual([]);
  expect(told('s:1:2').map((record) => [record.actorUid, record.kind.case])).toEqual([
    ['2', 'addFriendship'],
    ['2', 'removeFriendship'],
  ]);
  for (const [owner, friend] of [
    ['1', '2'],
    ['2', '1'],
  ]) {
    const removed = told(`n:${owner}`).filter((record) => record.kind.case === 'notifyFriendRemoved');
    expect(removed).toMatchObject([{ actorUid: '2', kind: { value: { uid: friend } } }]);
  }
});

test('both ending it at the same moment succeed, and it ends once', async () => {
  const { friends, told } = fixture;
  await Promise.all([
    friends.deleteFriend({ uid: '2' }, as('1')),
    friends.deleteFriend({ uid: '1' }, as('2')),
  ]);
  expect(told('s:1:2').filter((record) => record.kind.case === 'removeFriendship')).toHaveLength(1);
});

test('a friendship that ended may begin again, without the old remark', async () => {
  const { friends } = fixture;
  await friends.updateFriend({ uid: '2', remark: 'old', updateMask: { paths: ['remark'] } }, as('1'));
  await friends.deleteFriend({ uid: '2' }, as('1'));
  const { request } = await friends.createFriendRequest({ uid: '1' }, as('2'));
  expect(request?.state).toBe(State.PENDING);
  await friends.acceptFriendRequest({ requestId: request!.requestId }, as('1'));
  expect((await friends.listFriends({}, as('1'))).friends).toMatchObject([{ uid: '2', remark: '' }]);
});

test('who never was a friend is not found', async () => {
  const { friends } = fixture;
  await friends.createFriendRequest({ uid: '3' }, as('1'));
  for (const uid of ['1', '3', '9']) {
    await expect(friends.deleteFriend({ uid }, as('1'))).rejects.toMatchObject({
      reason: 'FRIEND_NOT_FOUND',
    });
  }
});

test('with chat-service away a friendship ends all the same and is told later, also after a restart', async () => {
  const { friends, neighbours, process, told } = fixture;
  neighbours.chatAway = true;
  await friends.deleteFriend({ uid: '2' }, as('1'));
  await friends.createBlock({ uid: '2' }, as('1'));
  await process.restart();
  neighbours.chatAway = false;
  await vi.waitFor(
    () =>
      expect(told('s:1:2').map((record) => record.kind.case)).toEqual([
        'addFriendship',
        'removeFriendship',
        'setBlock',
      ]),
    { timeout: 10_000 },
  );
});
