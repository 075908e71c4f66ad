import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess, UNKNOWN_UID } from '../testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  fixture = await startFriendProcess({ now: () => nowMs });
});

afterEach(() => fixture.process.stop());

test('a block moves the policy of the direct conversation before it returns, once, and is told to nobody', async () => {
  const { friends, told } = fixture;
  await Promise.all([1, 2, 3].map(() => friends.createBlock({ uid: '2' }, as('10'))));
  expect(told('s:2:10').map((record) => record.kind)).toMatchObject([
    { case: 'setBlock', value: { blockerUid: '10', blocked: true } },
  ]);
  await Promise.all([1, 2, 3].map(() => friends.deleteBlock({ uid: '2' }, as('10'))));
  expect(told('s:2:10').map((record) => record.kind)).toMatchObject([
    { case: 'setBlock', value: { blockerUid: '10', blocked: true } },
    { case: 'setBlock', value: { blockerUid: '10', blocked: false } },
  ]);
  expect([...told('n:2'), ...told('n:10')]).toEqual([]);
});

test('friendship stays, and each side blocks for itself', async () => {
  const { friends, befriend } = fixture;
  await befriend('1', '2');
  await friends.createBlock({ uid: '2' }, as('1'));
  for (const uid of ['1', '2']) expect((await friends.listFriends({}, as(uid))).friends).toHaveLength(1);
  expect((await friends.listBlocks({}, as('2'))).blocks).toEqual([]);
  await friends.deleteBlock({ uid: '1' }, as('2'));
  expect((await friends.listBlocks({}, as('1'))).blocks.map((block) => block.uid)).toEqual(['2']);
});

test('pages give every block once, the oldest first, with users where user-service answers', async () => {
  const { friends, neighbours } = fixture;
  for (const [index, uid] of ['20', '3', '100', '5', '44'].entries()) {
    // Two blocks begin in each millisecond, so that pages end inside one.
    if (index % 2 === 1) nowMs++;
    await friends.createBlock({ uid }, as('1'));
  }
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await friends.listBlocks({ pageSize: 2, pageToken }, as('1'));
    for (const block of page.blocks) {
      expect(block.user?.nickname).toBe(`Nick ${block.uid}`);
      expect(block.since).toMatch(/^2026-01-01T00:00:00\.\d{3}Z$/);
      seen.push(block.uid);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual(['20', '100', '3', '44', '5']);
  neighbours.usersAway = true;
  // Not known any more.
  await fixture.process.kit.cache.put([{ key: 'user:20', value: '', ttlMs: 0 }]);
  const [first] = (await friends.listBlocks({}, as('1'))).blocks;
  expect([first?.uid, first?.user]).toEqual(['20', undefined]);
});

test('nobody blocks oneself, nor somebody who is not there', async () => {
  const { friends } = fixture;
  await expect(friends.createBlock({ uid: '1' }, as('1'))).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    metadata: { field: 'uid' },
  });
  await expect(friends.createBlock({ uid: UNKNOWN_UID }, as('1'))).rejects.toMatchObject({
    reason: 'USER_NOT_FOUND',
  });
  await friends.deleteBlock({ uid: UNKNOWN_UID }, as('1'));
});

test('group-service is told who are friends and who blocks, in the order asked', async () => {
  const { friends, process, befriend, relations } = fixture;
  await befriend('1', '2');
  await befriend('1', '3');
  await friends.createBlock({ uid: '1' }, as('3'));
  await friends.createBlock({ uid: '1' }, as('4'));
  // One's own block is no matter of the others.
  await friends.createBlock({ uid: '2' }, as('1'));
  expect(await relations('1', ['9', '4', '3', '2', '3'])).toEqual([
    ['9', false, false],
    ['4', false, true],
    ['3', true, true],
    ['2', true, false],
    ['3', true, true],
  ]);
  await process.restart();
  await friends.deleteBlock({ uid: '1' }, as('3'));
  expect(await relations('1', ['3'])).toEqual([['3', true, false]]);
});
