import { FriendRequestDirection_Value as Direction } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess } from '../testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  fixture = await startFriendProcess({ now: () => nowMs });
});

afterEach(() => fixture.process.stop());

test('requests come page by page, the newest first, each in the direction it has', async () => {
  const { friends } = fixture;
  for (const uid of ['2', '3', '4', '5', '6']) {
    await friends.createFriendRequest({ uid: '1' }, as(uid));
    if (uid !== '4') nowMs += 1;
  }
  await friends.createFriendRequest({ uid: '7' }, as('1'));

  const seen: string[] = [];
  let pageToken = '';
  do {
    const page = await friends.listFriendRequests({ pageSize: 2, pageToken }, as('1'));
    seen.push(...page.requests.map((request) => request.fromUid));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  expect(seen).toHaveLength(5);
  expect(seen[0]).toBe('6');
  expect(seen.slice(1, 3).toSorted()).toEqual(['4', '5']);
  expect(seen.slice(3)).toEqual(['3', '2']);

  const outgoing = await friends.listFriendRequests({ direction: Direction.OUTGOING }, as('1'));
  expect(outgoing.requests.map((request) => request.toUid)).toEqual(['7']);
});
