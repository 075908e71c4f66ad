import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess } from './testing/friend-process.ts';

// Two people do everything at once. Whatever comes first, what is left must be something that one after
// another could have left, and nobody is told of an error that is none of theirs.

const ROUNDS = 12;

let service: Awaited<ReturnType<typeof startFriendProcess>>;

beforeEach(async () => {
  service = await startFriendProcess();
});
afterEach(() => service.process.stop());

const reasons = (outcomes: PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason.reason as string] : []));

async function friendships(a: string, b: string): Promise<number> {
  const rows = await service.process.query(
    'friend-service',
    `select owner_uid from friendship where (owner_uid = '${a}' and friend_uid = '${b}')
      or (owner_uid = '${b}' and friend_uid = '${a}')`,
  );
  return rows.length;
}

async function openRequests(a: string, b: string): Promise<number> {
  const rows = await service.process.query(
    'friend-service',
    `select state from friend_request where from_uid in ('${a}', '${b}') and to_uid in ('${a}', '${b}') and state = ${State.PENDING}`,
  );
  return rows.length;
}

test('requests that cross become one friendship', async () => {
  const { friends } = service;
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b] = [`${1000 + round}`, `${2000 + round}`];
    const outcomes = await Promise.allSettled(
      [a, b, a, b, a, b].map((from) => friends.createFriendRequest({ uid: from === a ? b : a }, as(from))),
    );
    for (const reason of reasons(outcomes)) expect(reason).toBe('ALREADY_FRIENDS');
    expect(await friendships(a, b)).toBe(2);
    expect(await openRequests(a, b)).toBe(0);
  }
});

test('friends have no open request, whatever is asked, accepted, taken back and ended at once', async () => {
  const { friends } = service;
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b] = [`${3000 + round}`, `${4000 + round}`];
    const { request } = await friends.createFriendRequest({ uid: b }, as(a));
    const requestId = request!.requestId;
    const outcomes = await Promise.allSettled([
      friends.acceptFriendRequest({ requestId }, as(b)),
      friends.createFriendRequest({ uid: b }, as(a)),
      friends.createFriendRequest({ uid: a }, as(b)),
      friends.cancelFriendRequest({ requestId }, as(a)),
      friends.rejectFriendRequest({ requestId }, as(b)),
      friends.createFriendRequest({ uid: a }, as(b)),
      friends.deleteFriend({ uid: b }, as(a)),
      friends.deleteFriend({ uid: a }, as(b)),
      friends.createFriendRequest({ uid: b }, as(a)),
    ]);
    const known = ['ALREADY_FRIENDS', 'REQUEST_NOT_PENDING', 'FRIEND_NOT_FOUND', 'FRIEND_REQUEST_NOT_FOUND'];
    for (const reason of reasons(outcomes)) expect(known).toContain(reason);
    const rows = await friendships(a, b);
    expect([0, 2]).toContain(rows);
    expect(await openRequests(a, b)).toBeLessThanOrEqual(rows === 0 ? 1 : 0);
  }
});

test('a block that is set and ended at once is there or not, and chat-service is told the same', async () => {
  const { friends, neighbours } = service;
  for (let round = 0; round < ROUNDS; round++) {
    const [a, b] = [`${5000 + round}`, `${6000 + round}`];
    const outcomes = await Promise.allSettled([
      friends.createBlock({ uid: b }, as(a)),
      friends.createBlock({ uid: b }, as(a)),
      friends.deleteBlock({ uid: b }, as(a)),
      friends.createBlock({ uid: b }, as(a)),
      friends.deleteBlock({ uid: b }, as(a)),
    ]);
    expect(reasons(outcomes)).toEqual([]);
    const [[, , blocked]] = (await service.relations(b, [a])) as [[string, boolean, boolean]];
    const told = neighbours.taken
      .filter((request) => request.conversationId === `s:${a}:${b}`)
      .flatMap((request) => request.records)
      .flatMap(({ kind }) => (kind.case === 'setBlock' ? [kind.value.blocked] : []));
    expect(told.at(-1) ?? false).toBe(blocked);
    expect(told).toEqual(told.map((_, i) => i % 2 === 0));
  }
});
