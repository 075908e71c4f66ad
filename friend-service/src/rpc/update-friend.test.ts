import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess } from '../testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;
const mask = { paths: ['remark'] };

beforeEach(async () => {
  fixture = await startFriendProcess();
  await fixture.befriend('1', '2');
});

afterEach(() => fixture.process.stop());

test("a remark is the giver's own: shown in their list, to nobody else, and told to nobody", async () => {
  const { friends, neighbours } = fixture;
  const told = neighbours.taken.length;
  const { friend } = await friends.updateFriend({ uid: '2', remark: '老二', updateMask: mask }, as('1'));
  expect(friend).toMatchObject({ uid: '2', remark: '老二', user: { nickname: 'Nick 2' } });
  expect((await friends.listFriends({}, as('1'))).friends).toEqual([friend]);
  expect((await friends.listFriends({}, as('2'))).friends).toMatchObject([{ uid: '1', remark: '' }]);
  expect(neighbours.taken).toHaveLength(told);
});

test('a remark is cleared when it is named and absent', async () => {
  const { friends } = fixture;
  await friends.updateFriend({ uid: '2', remark: 'x', updateMask: mask }, as('1'));
  const { friend } = await friends.updateFriend({ uid: '2', updateMask: mask }, as('1'));
  expect(friend?.remark).toBe('');
});

test('nothing to change, what cannot be changed, and what would not show are refused', async () => {
  const { friends } = fixture;
  await expect(friends.updateFriend({ uid: '2', remark: 'x' }, as('1'))).rejects.toMatchObject({
    reason: 'EMPTY_PATCH',
  });
  await expect(
    friends.updateFriend({ uid: '2', updateMask: { paths: ['since'] } }, as('1')),
  ).rejects.toMatchObject({ reason: 'INVALID_FIELD', metadata: { field: 'updateMask' } });
  await expect(
    friends.updateFriend({ uid: '2', remark: 'a\nb', updateMask: mask }, as('1')),
  ).rejects.toMatchObject({ reason: 'INVALID_FIELD', metadata: { field: 'remark' } });
});

test('only friends are given remarks', async () => {
  const { friends } = fixture;
  await friends.createFriendRequest({ uid: '3' }, as('1'));
  for (const uid of ['1', '3', '9']) {
    await expect(friends.updateFriend({ uid, remark: 'x', updateMask: mask }, as('1'))).rejects.toMatchObject(
      { reason: 'FRIEND_NOT_FOUND' },
    );
  }
});
