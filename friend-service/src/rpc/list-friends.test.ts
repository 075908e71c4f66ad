import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess } from '../testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;

let nowMs: number;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  fixture = await startFriendProcess({ now: () => nowMs });
});

afterEach(() => fixture.process.stop());

async function befriend(uid: string, others: readonly string[]): Promise<void> {
  for (const [index, other] of others.entries()) {
    // Two friendships begin in each millisecond, so that pages end inside one.
    if (index % 2 === 1) nowMs++;
    await fixture.friends.createFriendRequest({ uid: other }, as(uid));
    await fixture.friends.createFriendRequest({ uid }, as(other));
  }
}

test('pages give every friend once, with their users', async () => {
  const { friends } = fixture;
  const others = ['20', '3', '100', '5', '44'];
  await befriend('1', others);
  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await friends.listFriends({ pageSize: 2, pageToken }, as('1'));
    expect(page.friends.length).toBeLessThanOrEqual(2);
    for (const friend of page.friends) {
      expect(friend.user?.nickname).toBe(`Nick ${friend.uid}`);
      expect(friend.remark).toBe('');
      expect(friend.since).toMatch(/^2026-01-01T00:00:00\.\d{3}Z$/);
      seen.push(friend.uid);
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toEqual(['20', '100', '3', '44', '5']);
});

test('while user-service is away friends are listed without their users', async () => {
  const { friends, neighbours } = fixture;
  await befriend('1', ['2']);
  neighbours.usersAway = true;
  const page = await friends.listFriends({}, as('1'));
  expect(page.friends.map((friend) => [friend.uid, friend.user])).toEqual([['2', undefined]]);
});

test('a page token of another making is refused', async () => {
  await expect(fixture.friends.listFriends({ pageToken: 'nonsense' }, as('1'))).rejects.toMatchObject({
    reason: 'PAGE_TOKEN_INVALID',
  });
});
