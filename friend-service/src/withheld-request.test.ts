import { create } from '@bufbuild/protobuf';
import {
  type FriendRequest,
  FriendRequestSchema,
  FriendRequestState_Value as State,
} from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { FriendRequestDirection_Value as Direction } from '@im/common/gen/im/friend/v1/friend_service_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { as, startFriendProcess } from './testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 0, 1);
  fixture = await startFriendProcess({ now: () => nowMs });
});

afterEach(() => fixture.process.stop());

const incoming = async (uid: string) => (await fixture.friends.listFriendRequests({}, as(uid))).requests;
const outgoing = async (uid: string) =>
  (await fixture.friends.listFriendRequests({ direction: Direction.OUTGOING }, as(uid))).requests;

/** A request without what differs from one to the next. */
function alike(request: FriendRequest | undefined): FriendRequest {
  if (!request) throw new Error('there is no request');
  return create(FriendRequestSchema, { ...request, requestId: '', fromUid: '' });
}

/** What somebody sees who asks, asks again, looks, takes back, asks once more and is asked. */
async function experience(uid: string, other: string): Promise<unknown[]> {
  const { friends, told } = fixture;
  nowMs = Date.UTC(2026, 0, 1);
  const seen: unknown[] = [];
  const note = async (answer: Promise<{ request?: FriendRequest }>) => {
    // A step a millisecond, so that lists have an order.
    nowMs++;
    const { request } = await answer;
    seen.push(alike(request));
    return request!.requestId;
  };
  const first = await note(friends.createFriendRequest({ uid: other, message: 'please' }, as(uid)));
  expect(await note(friends.createFriendRequest({ uid: other, message: 'again' }, as(uid)))).toBe(first);
  seen.push((await outgoing(uid)).map(alike));
  await note(friends.cancelFriendRequest({ requestId: first }, as(uid)));
  const second = await note(friends.createFriendRequest({ uid: other, message: 'once more' }, as(uid)));
  expect(second).not.toBe(first);
  for (const answer of [friends.acceptFriendRequest, friends.rejectFriendRequest]) {
    seen.push(await answer({ requestId: second }, as(uid)).catch((error) => error.reason));
  }
  await friends.createFriendRequest({ uid }, as(other));
  seen.push((await outgoing(uid)).map(alike), (await incoming(uid)).map(alike));
  seen.push((await friends.listFriends({}, as(uid))).friends.map((friend) => friend.uid));
  for (const { actorUid, kind } of told(`n:${uid}`)) {
    const value = kind.case === 'notifyFriendRequest' ? alike(kind.value.request) : kind.value;
    seen.push([actorUid === uid, kind.case, value]);
  }
  return seen;
}

test('whoever is blocked sees what everybody sees', async () => {
  await fixture.friends.createBlock({ uid: '5' }, as('1'));
  const blocked = await experience('5', '1');
  expect(blocked).toEqual(await experience('6', '1'));
  expect(blocked.at(-1)).toMatchObject([false, 'notifyFriendAdded', { uid: '1' }]);
});

test('the request of the blocked one is never there for who blocks, nor after the block', async () => {
  const { friends, told } = fixture;
  await friends.createFriendRequest({ uid: '1' }, as('7'));
  await friends.createBlock({ uid: '2' }, as('1'));
  nowMs++;
  const { request } = await friends.createFriendRequest({ uid: '1', message: 'hear me' }, as('2'));
  nowMs++;
  await friends.createFriendRequest({ uid: '1' }, as('8'));
  const unheard = async () => {
    expect((await incoming('1')).map((each) => each.fromUid)).toEqual(['8', '7']);
    for (const answer of [friends.acceptFriendRequest, friends.rejectFriendRequest]) {
      await expect(answer({ requestId: request!.requestId }, as('1'))).rejects.toMatchObject({
        reason: 'FRIEND_REQUEST_NOT_FOUND',
      });
    }
    expect(told('n:1')).toHaveLength(2);
    expect(await outgoing('2')).toEqual([request]);
  };
  await unheard();
  await friends.deleteBlock({ uid: '2' }, as('1'));
  await unheard();
  await fixture.process.restart();
  await friends.createFriendRequest({ uid: '1' }, as('2'));
  await unheard();

  // What they never heard of is taken back unheard; asked anew, without a block, it arrives.
  await friends.cancelFriendRequest({ requestId: request!.requestId }, as('2'));
  expect(told('n:1')).toHaveLength(2);
  nowMs++;
  await friends.createFriendRequest({ uid: '1' }, as('2'));
  expect((await incoming('1'))[0]).toMatchObject({ fromUid: '2', state: State.PENDING });
});

test('who blocks and asks all the same gets the friendship, not the words that were withheld', async () => {
  const { friends, told } = fixture;
  await friends.createBlock({ uid: '2' }, as('1'));
  await friends.createFriendRequest({ uid: '1', message: 'hear me' }, as('2'));
  const { request } = await friends.createFriendRequest({ uid: '2' }, as('1'));
  expect(request).toMatchObject({ fromUid: '2', message: '', state: State.ACCEPTED });
  expect(await incoming('1')).toEqual([]);
  expect(told('n:1').map((record) => record.kind.case)).toEqual(['notifyFriendRequest', 'notifyFriendAdded']);
  expect(told('n:1')[0]?.kind).toMatchObject({ value: { request: { message: '' } } });
  expect(await outgoing('2')).toMatchObject([{ message: 'hear me', state: State.ACCEPTED }]);
  expect((await friends.listBlocks({}, as('1'))).blocks).toHaveLength(1);
});

test("a request open when the block begins stays: the other's to answer, one's own to take back", async () => {
  const { friends, told } = fixture;
  const { request: theirs } = await friends.createFriendRequest({ uid: '1' }, as('2'));
  const { request: own } = await friends.createFriendRequest({ uid: '3' }, as('1'));
  for (const uid of ['2', '3']) await friends.createBlock({ uid }, as('1'));
  expect(await incoming('1')).toEqual([theirs]);
  // The blocked one's second thoughts are not brought before who blocks.
  const heard = told('n:1').length;
  await friends.cancelFriendRequest({ requestId: theirs!.requestId }, as('2'));
  expect(told('n:1')).toHaveLength(heard);
  expect(await incoming('1')).toMatchObject([{ state: State.CANCELLED }]);

  const crossing = await friends.createFriendRequest({ uid: '1' }, as('3'));
  expect(crossing.request).toMatchObject({ requestId: own!.requestId, state: State.ACCEPTED });
  expect((await friends.listFriends({}, as('1'))).friends.map((friend) => friend.uid)).toEqual(['3']);
});
