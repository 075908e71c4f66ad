import { randomUUID } from 'node:crypto';
import type { WireConversation, WireGroup, WireRange, WireSync } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { pushedEvent } from './support/frames.ts';
import { befriend, messageOf, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { openGroup } from './support/real-group.ts';
import { TEXT, TIME, UID, USER } from './support/shapes.ts';

// group-service with everything around it, through the gateways only.

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

// Ann is Bob's and Carol's friend, Dan is nobody's.
let ann: Person;
let bob: Person;
let carol: Person;
let dan: Person;
beforeEach(async () => {
  ({ ann, bob, carol, dan } = await people(product, 'ann', 'bob', 'carol', 'dan'));
  await Promise.all([befriend(ann, bob), befriend(ann, carol)]);
});

const call = (who: Person, method: string, path: string, body?: object) =>
  who.client.call(method, path, body);
const create = async (who: Person, members: Person[], rest: object = {}): Promise<WireGroup> => {
  const memberUids = members.map(({ uid }) => uid);
  return (await call(who, 'POST', '/v1/groups', { name: '茶馆', memberUids, ...rest })).group;
};
const conversation = async (who: Person, { conversationId }: WireGroup): Promise<WireConversation> =>
  (await call(who, 'GET', `/v1/conversations/${conversationId}`)).conversation;
const history = (who: Person, { conversationId }: WireGroup): Promise<WireRange> =>
  who.client.call('GET', `/v1/conversations/${conversationId}/messages`);

test('every answer has its shape', async () => {
  const group = await create(ann, [bob], { avatarUrl: 'https://a.example/1.png' });
  expect(group).toEqual({
    groupId: UID,
    conversationId: `g:${group.groupId}`,
    name: '茶馆',
    avatarUrl: 'https://a.example/1.png',
    announcement: '',
    ownerUid: ann.uid,
    memberCount: 2,
    joinPolicy: 'INVITE_ONLY',
    historyPolicy: 'ALL',
    muteAll: false,
    createdAt: TIME,
  });
  const at = `/v1/groups/${group.groupId}`;
  expect(await call(bob, 'GET', at)).toEqual({ group });
  expect(await call(bob, 'GET', '/v1/groups')).toEqual({ groups: [group], nextPageToken: '' });
  const member = (who: Person, role: string) => ({
    uid: who.uid,
    role,
    nickname: '',
    joinedAt: TIME,
    user: { ...USER, uid: who.uid, externalId: TEXT },
  });
  const { members, nextPageToken } = await call(bob, 'GET', `${at}/members`);
  expect(nextPageToken).toBe('');
  expect(members).toHaveLength(2);
  expect(members).toEqual(expect.arrayContaining([member(ann, 'OWNER'), member(bob, 'MEMBER')]));
  const invited = await call(ann, 'POST', `${at}/members`, { uids: [carol.uid] });
  expect(invited).toEqual({ members: [member(carol, 'MEMBER')] });
  const mutedUntil = '2999-01-01T00:00:00.000Z';
  const muted = await call(ann, 'PATCH', `${at}/members/${carol.uid}`, { mutedUntil, nickname: 'C' });
  expect(muted).toEqual({ member: { ...member(carol, 'MEMBER'), nickname: 'C', mutedUntil } });
  const unmuted = await call(ann, 'PATCH', `${at}/members/${carol.uid}`, { mutedUntil: null });
  expect(unmuted).toEqual({ member: { ...member(carol, 'MEMBER'), nickname: 'C' } });

  const patched = await call(ann, 'PATCH', at, { joinPolicy: 'APPROVAL', announcement: 'hi' });
  const now = { ...group, memberCount: 3, joinPolicy: 'APPROVAL', announcement: 'hi' };
  expect(patched).toEqual({ group: now });
  // Fields without `?` are printed empty; what is no member's business is not said.
  const { historyPolicy, ...outside } = { ...now, announcement: '', ownerUid: '', createdAt: '' };
  expect(await call(dan, 'GET', at)).toEqual({ group: outside });
  const asked = await call(dan, 'POST', `${at}/join`, { message: '让我进来' });
  const request = {
    requestId: TEXT,
    groupId: group.groupId,
    uid: dan.uid,
    message: '让我进来',
    state: 'PENDING',
    createdAt: TIME,
  };
  expect(asked).toEqual({ request });
  expect(await call(ann, 'GET', `${at}/join-requests`)).toEqual({ requests: [request], nextPageToken: '' });
  const accept = `${at}/join-requests/${asked.request.requestId}/accept`;
  expect(await call(ann, 'POST', accept)).toEqual({ request: { ...request, state: 'ACCEPTED' } });
  expect(await call(dan, 'POST', `${at}/join`)).toEqual({ group: { ...now, memberCount: 4 } });

  const owner = await call(ann, 'PUT', `${at}/owner`, { uid: bob.uid });
  expect(owner).toEqual({ group: { ...now, memberCount: 4, ownerUid: bob.uid } });
  expect(await call(ann, 'DELETE', `${at}/members/${ann.uid}`)).toEqual({});
  expect(await call(bob, 'DELETE', at)).toEqual({});
});

test('the server API makes groups of anybody', async () => {
  const { admin } = product;
  const memberUids = [dan.uid, ann.uid];
  const { group } = await admin.call<{ group: WireGroup }>('POST', '/v1/admin/groups', {
    name: 'x',
    memberUids,
  });
  expect(group).toMatchObject({ ownerUid: dan.uid, memberCount: 2 });
  const at = `/v1/admin/groups/${group.groupId}/members`;
  expect((await admin.call('POST', at, { uids: [carol.uid] })).members).toMatchObject([{ uid: carol.uid }]);
  expect(await admin.call('DELETE', `${at}/${carol.uid}`)).toEqual({});
  const { events } = await history(ann, group);
  expect(events.map(({ actorUid }) => actorUid)).toEqual(['0', '0', '0', '0', '0']);
  await expect(ann.client.call('POST', '/v1/admin/groups', { name: 'x' })).rejects.toMatchObject({
    code: 403,
  });
});

test('who may be invited: friends who have not blocked one, and one answer for all others', async () => {
  const hidden = { code: 403, reason: 'INVITE_NOT_ALLOWED', metadata: {} };
  await expect(create(ann, [bob, dan])).rejects.toMatchObject(hidden);
  await call(carol, 'PUT', `/v1/blocks/${ann.uid}`);
  await expect(create(ann, [bob, carol])).rejects.toMatchObject(hidden);
  const group = await create(ann, [bob]);
  const invite = (who: Person, whom: Person) =>
    call(who, 'POST', `/v1/groups/${group.groupId}/members`, { uids: [whom.uid] });
  await expect(invite(ann, carol)).rejects.toMatchObject(hidden);
  await expect(invite(ann, dan)).rejects.toMatchObject(hidden);
  await expect(invite(bob, carol)).rejects.toMatchObject(hidden);
  await call(carol, 'DELETE', `/v1/blocks/${ann.uid}`);
  await invite(ann, carol);
  // Carol is in by Ann; that Bob is no friend of hers matters no more.
  await invite(bob, carol);
  expect((await conversation(carol, group)).group).toMatchObject({ memberCount: 3 });
});

test('members talk, and see the group in their conversations as it is', async () => {
  const socket = await bob.socket();
  const group = await create(ann, [bob, carol]);
  expect(await conversation(bob, group)).toMatchObject({ kind: 'GROUP', headSeq: 3, unread: 0, group });
  const pushed = await pushedEvent(socket, ({ groupUpdated }) => groupUpdated !== undefined);
  expect(pushed).toMatchObject({ seq: 3, actorUid: ann.uid, groupUpdated: { group } });
  await ann.say(group.conversationId, 'hello');
  await call(ann, 'PATCH', `/v1/groups/${group.groupId}`, { name: '新茶馆' });
  const sync = await bob.client.call<WireSync>('GET', '/v1/sync');
  expect(sync.conversations.find(({ kind }) => kind === 'GROUP')).toMatchObject({
    headSeq: 5,
    group: { ...group, name: '新茶馆' },
  });
  await call(ann, 'DELETE', `/v1/groups/${group.groupId}/members/${carol.uid}`);
  expect((await conversation(bob, group)).group).toMatchObject({ memberCount: 2 });
});

test('whoever is removed, muted, or in a dismissed group cannot send when the change returns', async () => {
  const group = await create(ann, [bob, carol]);
  const { groupId, conversationId } = group;
  const at = `/v1/groups/${groupId}`;
  const socket = await carol.socket();
  const send = () => socket.request('sendMessage', messageOf(conversationId, 'still?'));
  const mutedUntil = new Date(Date.now() + 3_600_000).toISOString();

  await call(ann, 'PATCH', `${at}/members/${bob.uid}`, { mutedUntil });
  await expect(bob.say(conversationId, '?')).rejects.toMatchObject({ reason: 'MEMBER_MUTED' });
  await call(ann, 'PATCH', `${at}/members/${bob.uid}`, { mutedUntil: null });
  await bob.say(conversationId, '!');

  await call(ann, 'PATCH', at, { muteAll: true });
  await expect(send()).rejects.toMatchObject({ reason: 'GROUP_MUTED' });
  await call(ann, 'PATCH', `${at}/members/${carol.uid}`, { role: 'ADMIN' });
  await send();
  await call(ann, 'PATCH', at, { muteAll: false });

  await call(ann, 'DELETE', `${at}/members/${carol.uid}`);
  await expect(send()).rejects.toMatchObject({ reason: 'NOT_A_MEMBER' });
  await call(ann, 'POST', `${at}/members`, { uids: [carol.uid] });
  await send();

  await call(ann, 'DELETE', at);
  for (const who of [ann, bob]) {
    await expect(who.say(conversationId, '?')).rejects.toMatchObject({ reason: 'READ_ONLY' });
    expect((await conversation(who, group)).group).toMatchObject({ groupId, name: group.name });
  }
});

test('who was removed learns nothing of what the group becomes', async () => {
  const group = await create(ann, [bob, carol]);
  const at = `/v1/groups/${group.groupId}`;
  await call(ann, 'DELETE', `${at}/members/${bob.uid}`);
  await call(ann, 'PATCH', at, { name: 'a secret', announcement: 'a secret' });
  await ann.say(group.conversationId, 'a secret');
  const seen = [
    await conversation(bob, group),
    await call(bob, 'GET', '/v1/conversations'),
    await call(bob, 'GET', '/v1/sync'),
    await history(bob, group),
    await call(bob, 'GET', '/v1/groups'),
  ];
  expect(JSON.stringify(seen)).not.toContain('a secret');
  expect(seen[0]).toMatchObject({ leftSeq: 4, group: { name: group.name } });
  for (const [method, path] of [
    ['GET', at],
    ['GET', `${at}/members`],
    ['DELETE', `${at}/members/${bob.uid}`],
  ] as const) {
    await expect(call(bob, method, path)).rejects.toMatchObject({ code: 404, reason: 'GROUP_NOT_FOUND' });
  }
});

test('joining, leaving and coming back: one sees what the history policy of the time lets one see', async () => {
  const group = await openGroup(product, ann, [bob], { patch: { joinPolicy: 'OPEN' } });
  const at = `/v1/groups/${group.groupId}`;
  const join = (who: Person) => call(who, 'POST', `${at}/join`);
  const leave = (who: Person) => call(who, 'DELETE', `${at}/members/${who.uid}`);
  await ann.say(group.conversationId, 'in the beginning');
  await join(carol);
  expect(JSON.stringify(await history(carol, group))).toContain('in the beginning');

  await call(ann, 'PATCH', at, { historyPolicy: 'FROM_JOIN' });
  await ann.say(group.conversationId, 'before Dan');
  await join(dan);
  expect(JSON.stringify(await history(dan, group))).not.toContain('before Dan');
  await leave(carol);
  await ann.say(group.conversationId, 'while Carol was away');
  await join(carol);
  await ann.say(group.conversationId, 'all are here');
  const carols = JSON.stringify(await history(carol, group));
  expect(carols).toContain('before Dan');
  expect(carols).toContain('all are here');
  expect(carols).not.toContain('while Carol was away');
  for (const who of [ann, bob, carol, dan]) {
    const { messages } = await history(who, group);
    expect(messages.at(-1)?.seq).toBe((await conversation(who, group)).headSeq);
  }
});

test('an admin recalls what a member said, and is an admin only for as long as they are one', async () => {
  const group = await create(ann, [bob, carol]);
  const { seq } = await carol.say(group.conversationId, 'oh');
  const recall = () =>
    call(bob, 'POST', `/v1/conversations/${group.conversationId}/messages/${seq}/recall`, {
      clientMsgId: randomUUID(),
    });
  await expect(recall()).rejects.toMatchObject({ reason: 'NOT_THE_SENDER' });
  const at = `/v1/groups/${group.groupId}/members/${bob.uid}`;
  await call(ann, 'PATCH', at, { role: 'ADMIN' });
  await recall();
  await call(ann, 'PATCH', at, { role: 'MEMBER' });
  const { seq: another } = await carol.say(group.conversationId, 'again');
  const path = `/v1/conversations/${group.conversationId}/messages/${another}/recall`;
  await expect(call(bob, 'POST', path, { clientMsgId: randomUUID() })).rejects.toMatchObject({
    reason: 'NOT_THE_SENDER',
  });
});
