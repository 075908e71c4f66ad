import { FriendRequestState_Value as State } from '@im/common/gen/im/friend/v1/friend_pb.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { as, startFriendProcess, UNKNOWN_UID } from '../testing/friend-process.ts';

let fixture: Awaited<ReturnType<typeof startFriendProcess>>;

beforeEach(async () => {
  fixture = await startFriendProcess();
});

afterEach(() => fixture.process.stop());

test('a request waits for its answer and is told to both people, not to their conversation', async () => {
  const { friends, told } = fixture;
  const { request } = await friends.createFriendRequest({ uid: '2', message: '你好' }, as('1'));
  expect(request).toMatchObject({ fromUid: '1', toUid: '2', message: '你好', state: State.PENDING });
  expect(request?.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  for (const conversation of ['n:1', 'n:2']) {
    const [record, ...more] = told(conversation);
    expect(more).toEqual([]);
    expect(record?.actorUid).toBe('1');
    expect(record?.kind).toMatchObject({ case: 'notifyFriendRequest', value: { request } });
  }
  expect(told('s:1:2')).toEqual([]);
});

test('asking again answers the open request with its first message, and tells nobody', async () => {
  const { friends, neighbours } = fixture;
  const first = await friends.createFriendRequest({ uid: '2', message: 'first' }, as('1'));
  const told = neighbours.taken.length;
  const second = await friends.createFriendRequest({ uid: '2', message: 'second' }, as('1'));
  expect(second.request).toEqual(first.request);
  expect(neighbours.taken).toHaveLength(told);
});

test('a crossing request accepts the other one: the friendship is there on return', async () => {
  const { friends, told } = fixture;
  const asked = await friends.createFriendRequest({ uid: '2' }, as('10'));
  const crossing = await friends.createFriendRequest({ uid: '10' }, as('2'));
  expect(crossing.request).toEqual({ ...asked.request, state: State.ACCEPTED });

  expect(told('s:2:10').map((record) => [record.actorUid, record.kind])).toEqual([
    ['2', { case: 'addFriendship', value: expect.objectContaining({ uid: '10' }) }],
  ]);
  for (const [owner, friend] of [
    ['2', '10'],
    ['10', '2'],
  ]) {
    const [, answered, added] = told(`n:${owner}`);
    expect(answered?.kind).toMatchObject({
      case: 'notifyFriendRequest',
      value: { request: { state: State.ACCEPTED } },
    });
    expect(added?.kind).toMatchObject({ case: 'notifyFriendAdded', value: { uid: friend } });
  }
});

test('however many cross at the same moment, one friendship comes of it', async () => {
  const { friends, told } = fixture;
  const calls = Array.from({ length: 10 }, (_, index) =>
    index % 2 === 0
      ? friends.createFriendRequest({ uid: '2' }, as('1'))
      : friends.createFriendRequest({ uid: '1' }, as('2')),
  );
  const results = await Promise.allSettled(calls);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ reason: 'ALREADY_FRIENDS' });
  }
  expect(told('s:1:2')).toHaveLength(1);
  for (const uid of ['1', '2']) {
    expect((await friends.listFriends({}, as(uid))).friends).toHaveLength(1);
    expect(told(`n:${uid}`).filter((record) => record.kind.case === 'notifyFriendAdded')).toHaveLength(1);
  }
  const outgoing = await friends.listFriendRequests({}, as('1'));
  const incoming = await friends.listFriendRequests({}, as('2'));
  expect(outgoing.requests.length + incoming.requests.length).toBe(1);
});

test('friends are not asked again', async () => {
  const { friends } = fixture;
  await friends.createFriendRequest({ uid: '2' }, as('1'));
  await friends.createFriendRequest({ uid: '1' }, as('2'));
  for (const [uid, other] of [
    ['1', '2'],
    ['2', '1'],
  ] as const) {
    await expect(friends.createFriendRequest({ uid: other }, as(uid))).rejects.toMatchObject({
      reason: 'ALREADY_FRIENDS',
    });
  }
});

test('nobody asks oneself, nor somebody who is not there', async () => {
  const { friends } = fixture;
  await expect(friends.createFriendRequest({ uid: '1' }, as('1'))).rejects.toMatchObject({
    reason: 'INVALID_FIELD',
    metadata: { field: 'uid' },
  });
  await expect(friends.createFriendRequest({ uid: UNKNOWN_UID }, as('1'))).rejects.toMatchObject({
    reason: 'USER_NOT_FOUND',
  });
});

test('with chat-service away a change succeeds and is handed over in order later, also after a restart', async () => {
  const { friends, neighbours, process, told } = fixture;
  neighbours.chatAway = true;
  await friends.createFriendRequest({ uid: '2' }, as('1'));
  const { request } = await friends.createFriendRequest({ uid: '1' }, as('2'));
  expect(request?.state).toBe(State.ACCEPTED);
  await process.restart();
  expect(neighbours.taken).toEqual([]);
  neighbours.chatAway = false;
  await vi.waitFor(() => expect(told('n:1')).toHaveLength(3), { timeout: 10_000 });
  await vi.waitFor(() => expect(told('s:1:2')).toHaveLength(1), { timeout: 10_000 });
  expect(told('n:1').map((record) => record.kind.case)).toEqual([
    'notifyFriendRequest',
    'notifyFriendRequest',
    'notifyFriendAdded',
  ]);
  const versions = neighbours.taken.filter(({ conversationId }) => conversationId === 'n:1');
  expect(versions.map(({ version }) => version)).toEqual([1, 2]);
});
