import { HistoryPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import {
  type GatewayStandIn,
  startGatewayStandIn,
  type TestConnection,
} from '../testing/gateway-stand-in.ts';
import { seenEvent, seenSummary } from '../testing/seen.ts';
import { type UserStandIn, userStandIn } from '../testing/user-stand-in.ts';

let chat: Chat;
let users: UserStandIn;
let gateway: GatewayStandIn;
/** Two devices of person 1, one of each other. */
let one: TestConnection;
let other: TestConnection;
let two: TestConnection;
let three: TestConnection;

beforeEach(async () => {
  users = userStandIn();
  chat = await startChat({ modules: [[users.module, {}]] });
  gateway = startGatewayStandIn(chat.process);
  await chat.openAccount('1', '2', '3');
  one = await gateway.connect('1');
  other = await gateway.connect('1');
  two = await gateway.connect('2');
  three = await gateway.connect('3');
});
afterEach(async () => {
  await gateway.stop();
  await chat.stop();
});

const seqs = (connection: TestConnection, conversationId: string) =>
  connection
    .events()
    .filter((event) => event.conversationId === conversationId)
    .map(({ seq }) => seq);

/** Waits until everything written before has been pushed: what comes of a direct message now is behind it. */
async function settled(): Promise<void> {
  const id = await chat.befriend('2', '3');
  const { seq } = await chat.user('2').send(id, 'the last one');
  await eventually(() => expect(seqs(three, id)).toContain(seq));
}

describe('events', () => {
  test('go once to every device of the members, also the sender’s, and to nobody else', async () => {
    const id = await chat.befriend('1', '2');
    await chat.user('1').send(id, 'hello');
    await chat.user('2').send(id, 'hi');
    await settled();
    for (const device of [one, other, two]) expect(seqs(device, id)).toEqual([1, 2, 3]);
    expect(seqs(three, id)).toEqual([]);
  });

  test('come to a removed member up to the one that removes them', async () => {
    const id = await chat.makeGroup('1', ['1', '2', '3']);
    await chat.user('1').send(id, 'all of us');
    await chat.removeMembers(id, ['3']);
    await chat.user('1').send(id, 'the two of us');
    await chat.user('1').edit(id, 3, 'behind their back');
    await chat.user('1').recall(id, 5);
    await settled();
    // The first is the group's making, by its owner alone.
    expect(seqs(three, id)).toEqual([2, 3, 4]);
    expect(three.events().find(({ kind }) => kind.case === 'memberRemoved')?.seq).toBe(4);
    expect(seqs(two, id)).toEqual([2, 3, 4, 5, 6, 7]);
  });

  test('come without content to who may not see what they are about', async () => {
    const id = await chat.makeGroup('1', ['1', '2']);
    await chat.user('1').send(id, 'before');
    await chat.addMembers(id, ['3'], { history: HistoryPolicy_Value.FROM_JOIN });
    await chat.user('1').edit(id, 3, 'edited');
    await chat.user('2').update(id, { clearedSeq: 4 });
    await chat.user('1').edit(id, 3, 'edited again');
    await settled();
    const edits = (device: TestConnection) =>
      device
        .events()
        .map(seenEvent)
        .filter(({ kind }) => kind === 'edited');
    expect(seqs(three, id)).toEqual([4, 5, 6]);
    expect(edits(three)).toMatchObject([
      { targetSeq: 3, text: undefined },
      { targetSeq: 3, text: undefined },
    ]);
    expect(edits(two)).toMatchObject([{ text: 'edited' }, { text: undefined }]);
    expect(edits(one)).toMatchObject([{ text: 'edited' }, { text: 'edited again' }]);
  });

  test('of a user’s notices go to their devices', async () => {
    await chat.append('friend-service', 'n:1', { case: 'notifyFriendAdded', value: { uid: '2' } });
    await settled();
    for (const device of [one, other]) expect(seqs(device, 'n:1')).toEqual([1]);
    expect(seqs(two, 'n:1')).toEqual([]);
  });

  test('do not go to a device that has left', async () => {
    await other.close();
    const id = await chat.befriend('1', '2');
    await settled();
    expect(seqs(one, id)).toEqual([1]);
    expect(other.frames).toEqual([]);
  });
});

describe('one’s own changes', () => {
  const changes = (device: TestConnection) =>
    device.framesOf('changed').flatMap(({ value }) => value.conversations);

  test('of settings go to one’s own devices, as sync would show them', async () => {
    const id = await chat.befriend('1', '2');
    users.put({ uid: '2', nickname: 'two' });
    await chat.user('2').send(id, 'hello');
    await chat.user('1').update(id, { muted: true, draft: 'half a tho' });
    const [synced] = (await chat.user('1').sync()).conversations;
    for (const device of [one, other]) {
      await eventually(() => expect(changes(device)).toHaveLength(1));
      expect(seenSummary(changes(device)[0]!)).toEqual(seenSummary(synced!));
      expect(changes(device)[0]).toMatchObject({ events: [], complete: false, peer: { nickname: 'two' } });
    }
    await settled();
    expect(two.framesOf('changed')).toEqual([]);
  });

  test('of one’s read mark too', async () => {
    const id = await chat.befriend('1', '2');
    await chat.user('2').send(id, 'hello');
    await chat.user('1').markRead(id, 2);
    await eventually(() => expect(changes(other)).toMatchObject([{ readSeq: 2, unread: 0 }]));
  });

  test('of what one hid name the message', async () => {
    const id = await chat.befriend('1', '2');
    await chat.user('2').send(id, 'hello');
    await chat.user('1').hide(id, 2);
    await eventually(() =>
      expect(other.framesOf('changed').flatMap(({ value }) => value.hidden)).toMatchObject([
        { conversationId: id, seqs: [2] },
      ]),
    );
    expect(two.framesOf('changed')).toEqual([]);
  });

  test('of one’s profile bring it, or a resync while user-service is away', async () => {
    users.put({ uid: '1', nickname: 'uno' });
    await chat.append('user-service', 'n:1', { case: 'changeProfile', value: {} });
    await eventually(() =>
      expect(other.framesOf('changed').map(({ value }) => value.profile?.nickname)).toEqual(['uno']),
    );
    users.away = true;
    await chat.append('user-service', 'n:1', { case: 'changeProfile', value: {} });
    await eventually(() => expect(other.framesOf('resync')).toHaveLength(1));
    expect(two.frames).toEqual([]);
  });
});

describe('read marks', () => {
  const marks = (device: TestConnection) => device.framesOf('readMark').map(({ value }) => value.seq);

  test('of others are told, the first at once and then the newest each second', async () => {
    const id = await chat.befriend('1', '2');
    for (let i = 0; i < 9; i++) await chat.user('1').send(id, `text ${i}`);
    await Promise.all(Array.from({ length: 10 }, (_, i) => chat.user('2').markRead(id, i + 1)));
    await settled();
    expect(one.framesOf('readMark')[0]?.value).toMatchObject({ conversationId: id, uid: '2', seq: 1 });
    await eventually(() => expect(marks(one).at(-1)).toBe(10));
    // A second may have ended in between.
    expect(marks(one).length).toBeLessThanOrEqual(3);
    expect(marks(three)).toEqual([]);
  });

  test('are told in conversations of up to 100 members', async () => {
    const many = Array.from({ length: 98 }, (_, i) => String(i + 100));
    const id = await chat.makeGroup('1', ['1', '2', ...many]);
    await chat.user('1').send(id, 'hello');
    await chat.user('2').markRead(id, 1);
    await eventually(() => expect(marks(one)).toEqual([1]));
    await chat.addMembers(id, ['3']);
    await chat.user('3').markRead(id, 2);
    await eventually(() => expect(three.framesOf('changed')).toHaveLength(1));
    await settled();
    expect(one.framesOf('readMark').filter(({ value }) => value.uid === '3')).toEqual([]);
  });

  test('that wait to be told are told when the service stops', async () => {
    const id = await chat.befriend('1', '2');
    await chat.user('1').send(id, 'hello');
    for (const seq of [1, 2]) await chat.user('2').markRead(id, seq);
    await chat.restart();
    expect(marks(one)).toEqual([1, 2]);
  });
});

describe('typing', () => {
  const typing = (device: TestConnection) => device.framesOf('typing').map(({ value }) => value.uid);
  const type = (uid: string, conversationId: string) =>
    chat.client('ws-gateway').sendTyping({ uid, conversationId });

  test('is told to the other members', async () => {
    const id = await chat.befriend('1', '2');
    await type('2', 'u:1');
    await eventually(() => expect([typing(one), typing(other)]).toEqual([['2'], ['2']]));
    expect(one.framesOf('typing')[0]?.value.conversationId).toBe(id);
    expect(typing(two)).toEqual([]);
  });

  test('of an outsider or a former member is told to nobody', async () => {
    const id = await chat.makeGroup('1', ['1', '2', '3']);
    await chat.removeMembers(id, ['3']);
    await type('3', id);
    await expect(type('4', id)).rejects.toThrow('no such conversation');
    await type('2', id);
    await eventually(() => expect(typing(one)).toEqual(['2']));
    expect(typing(three)).toEqual([]);
  });

  test('is told in conversations of up to 100 members', async () => {
    const many = Array.from({ length: 98 }, (_, i) => String(i + 100));
    const id = await chat.makeGroup('1', ['1', '2', ...many]);
    await type('2', id);
    await eventually(() => expect(typing(one)).toEqual(['2']));
    await chat.addMembers(id, ['3']);
    await type('3', id);
    await settled();
    expect(typing(one)).toEqual(['2']);
  });

  test('by who is muted is not heard', async () => {
    const id = await chat.makeGroup('1', ['1', '2']);
    const mutedUntil = new Date(chat.clock.now() + 60_000).toISOString();
    await chat.append('group-service', id, { case: 'updateMember', value: { uid: '2', mutedUntil } });
    await type('2', id);
    await settled();
    expect(typing(one)).toEqual([]);
    chat.clock.advance(60_001);
    await type('2', id);
    await eventually(() => expect(typing(one)).toEqual(['2']));
  });

  test('by who is blocked or no friend any more is not heard, nor in a dismissed group', async () => {
    const id = await chat.befriend('1', '2');
    await chat.setBlock('1', '2');
    await type('2', id);
    await chat.setBlock('1', '2', false);
    await chat.unfriend('1', '2');
    await type('2', id);
    const group = await chat.makeGroup('1', ['1', '2']);
    await chat.append('group-service', group, { case: 'dismissGroup', value: {} });
    await type('2', group);
    await settled();
    expect(typing(one)).toEqual([]);
  });
});
