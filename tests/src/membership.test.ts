import { randomUUID } from 'node:crypto';
import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { WireConversation, WireRange, WireSync } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pushedEvent, pushedEvents } from './support/frames.ts';
import { type Group, makeGroup } from './support/group.ts';
import { GROUP_SIZES } from './support/group-sizes.ts';
import { messageOf, type Person, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

describe.each(GROUP_SIZES)('$name', ({ largeGroupMembers }) => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ services: { 'chat-service': { largeGroupMembers } } });
  });
  afterAll(() => product.stop());

  // A group of Ann (owner) and Bob for each test; Carol is outside.
  let ann: Person;
  let bob: Person;
  let carol: Person;
  let group: Group;
  let g: string;
  beforeEach(async () => {
    ({ ann, bob, carol } = await people(product, 'ann', 'bob', 'carol'));
    group = await makeGroup(product, ann, [bob]);
    g = group.conversationId;
  });

  const path = () => `/v1/conversations/${g}`;
  const history = (who: Person, query = '') =>
    who.client.call<WireRange>('GET', `${path()}/messages${query}`);
  const conversation = async (who: Person): Promise<WireConversation> =>
    (await who.client.call('GET', path())).conversation;
  const sync = (who: Person, cursor?: string) =>
    who.client.call<WireSync>('GET', `/v1/sync${cursor === undefined ? '' : `?cursor=${cursor}`}`);
  const groupIn = (page: WireSync) => page.conversations.find(({ conversationId }) => conversationId === g)!;

  const seqsOf = ({ messages, events }: WireRange) =>
    [...messages, ...events].map(({ seq }) => seq).sort((a, b) => a - b);
  const seqsPushed = (socket: ImSocket, from = 1) =>
    pushedEvents(socket)
      .filter(({ conversationId, seq }) => conversationId === g && seq >= from)
      .map(({ seq }) => seq);

  /** After this what was on its way to the socket has come, but for what waits in another partition. */
  async function settled(who: Person, socket: ImSocket): Promise<void> {
    const { message } = await product.admin.call('POST', '/v1/admin/messages', {
      toUid: who.uid,
      clientMsgId: randomUUID(),
      content: text('all has come'),
    });
    await pushedEvent(socket, ({ conversationId, seq }) => {
      return conversationId === message.conversationId && seq === message.seq;
    });
  }

  /**
   * The socket is pushed `expected` of the group, and nothing else from seq `from` on: what happened before the
   * socket was there may have been on its way still.
   */
  async function expectPushed(who: Person, socket: ImSocket, expected: number[], from = 1): Promise<void> {
    await settled(who, socket);
    await expect.poll(() => seqsPushed(socket, from)).toEqual(expected);
  }

  test('members see how the group began and what is said, everybody else sees nothing', async () => {
    const [bobs, carols] = await Promise.all([bob.socket(), carol.socket()]);
    const sent = await ann.say(g, 'hello all');
    expect(sent).toMatchObject({ conversationId: g, seq: 3 });
    expect((await pushedEvent(bobs, ({ message }) => message?.seq === 3)).message).toEqual(sent);
    expect(await history(bob)).toMatchObject({
      events: [
        { seq: 1, actorUid: ann.uid, memberAdded: { uids: [ann.uid], inviterUid: ann.uid } },
        { seq: 2, actorUid: ann.uid, memberAdded: { uids: [bob.uid], inviterUid: ann.uid } },
      ],
      messages: [sent],
    });
    expect(await conversation(bob)).toMatchObject({
      kind: 'GROUP',
      headSeq: 3,
      unread: 1,
      visibleFromSeq: 1,
    });

    const hidden = { code: 404, reason: 'CONVERSATION_NOT_FOUND' };
    await expect(history(carol)).rejects.toMatchObject(hidden);
    await expect(conversation(carol)).rejects.toMatchObject(hidden);
    await expect(carol.say(g, 'may I?')).rejects.toMatchObject(hidden);
    const overSocket = carols.request('getMessages', { conversationId: g });
    await expect(overSocket).rejects.toMatchObject(hidden);
    await settled(carol, carols);
    expect(seqsPushed(carols)).toEqual([]);
    expect((await sync(carol)).conversations.filter(({ conversationId }) => conversationId === g)).toEqual(
      [],
    );
  });

  test('who joins with all history sees everything from seq 1 on', async () => {
    await ann.say(g, 'before');
    const socket = await carol.socket();
    const { cursor } = await sync(carol);
    await group.add(ann, [carol], 'ALL');
    const joined = await pushedEvent(socket, ({ memberAdded }) => memberAdded !== undefined);
    expect(joined).toMatchObject({ conversationId: g, seq: 4, memberAdded: { uids: [carol.uid] } });
    expect(await conversation(carol)).toMatchObject({ visibleFromSeq: 1, headSeq: 4 });
    expect(seqsOf(await history(carol))).toEqual([1, 2, 3, 4]);
    const synced = groupIn(await sync(carol, cursor));
    expect(synced).toMatchObject({ complete: true });
    expect(synced.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  test('who joins without history sees from the join on, and edits of earlier messages without their text', async () => {
    const before = await ann.say(g, 'a secret of before');
    const socket = await carol.socket();
    await group.add(ann, [carol], 'FROM_JOIN');
    await ann.client.call('PATCH', `${path()}/messages/${before.seq}`, {
      clientMsgId: randomUUID(),
      content: text('another secret'),
    });
    await ann.say(g, 'welcome, Carol');

    expect(await conversation(carol)).toMatchObject({ visibleFromSeq: 4, headSeq: 6, unread: 1 });
    const range = await history(carol, '?fromSeq=1&toSeq=6');
    expect([seqsOf(range), range.fromSeq, range.toSeq]).toEqual([[4, 5, 6], 1, 6]);
    expect(range.events.at(-1)).toMatchObject({ seq: 5, edited: { targetSeq: before.seq } });
    const synced = groupIn(await sync(carol));
    expect(synced).toMatchObject({ complete: true });
    expect(synced.events.map(({ seq }) => seq)).toEqual([4, 5, 6]);
    await expectPushed(carol, socket, [4, 5, 6]);
    const held = JSON.stringify([range, synced, socket.pushes, await history(carol)]);
    expect(held).not.toContain('secret');

    // What they may not see, they cannot touch.
    const target = `${path()}/messages/${before.seq}`;
    const refused = { code: 404, reason: 'MESSAGE_NOT_FOUND' };
    await expect(carol.client.call('DELETE', target)).rejects.toMatchObject(refused);
    const edit = { clientMsgId: randomUUID(), content: text('mine') };
    await expect(carol.client.call('PATCH', target, edit)).rejects.toMatchObject(refused);
  });

  test('who leaves sees their leaving last, and can send no more', async () => {
    const socket = await bob.socket();
    await ann.say(g, 'do not go');
    await group.leave(bob);
    const left = await pushedEvent(socket, ({ memberRemoved }) => memberRemoved !== undefined);
    expect(left).toMatchObject({ seq: 4, actorUid: bob.uid, memberRemoved: { uids: [bob.uid], left: true } });
    await ann.say(g, 'he is gone');
    await expectPushed(bob, socket, [3, 4], 3);

    expect(await conversation(bob)).toMatchObject({ headSeq: 4, leftSeq: 4, unread: 1 });
    expect((await conversation(bob)).lastMessage?.content).toEqual(text('do not go'));
    const range = await history(bob);
    expect([seqsOf(range), range.toSeq]).toEqual([[1, 2, 3, 4], 4]);
    const synced = groupIn(await sync(bob));
    expect(synced).toMatchObject({ headSeq: 4, leftSeq: 4, complete: true });
    expect(synced.events.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);

    const refused = { code: 403, reason: 'NOT_A_MEMBER' };
    await expect(bob.say(g, 'wait')).rejects.toMatchObject(refused);
    const overSocket = socket.request('sendMessage', messageOf(g, 'wait'));
    await expect(overSocket).rejects.toMatchObject(refused);
  });

  test('who is removed is out at once, and is told nothing of what comes after', async () => {
    const socket = await bob.socket();
    const { cursor } = await sync(bob);
    await group.remove(ann, [bob]);
    const removed = await pushedEvent(socket, ({ memberRemoved }) => memberRemoved !== undefined);
    expect(removed).toMatchObject({
      seq: 3,
      actorUid: ann.uid,
      memberRemoved: { uids: [bob.uid], left: false },
    });
    await expect(bob.say(g, 'why?')).rejects.toMatchObject({ code: 403, reason: 'NOT_A_MEMBER' });
    const page = await sync(bob, cursor);
    expect(groupIn(page)).toMatchObject({ headSeq: 3, leftSeq: 3 });
    const { seq } = await ann.say(g, 'a word among us');
    await ann.client.call('POST', `${path()}/messages/${seq}/recall`, { clientMsgId: randomUUID() });
    expect((await sync(bob, page.cursor)).conversations).toEqual([]);
    expect((await bob.client.call('GET', '/v1/conversations')).conversations).toMatchObject([
      { conversationId: g, leftSeq: 3 },
    ]);
  });

  test('who comes back sees from then on, not what was said meanwhile', async () => {
    await bob.say(g, 'I was here');
    const { cursor } = await sync(bob);
    await group.leave(bob);
    await ann.say(g, 'while he is away');
    const socket = await bob.socket();
    await group.add(ann, [bob], 'FROM_JOIN');
    await ann.say(g, 'here again');
    const back = await conversation(bob);
    expect(back).toMatchObject({ headSeq: 7, visibleFromSeq: 1, unread: 1 });
    expect(back).not.toHaveProperty('leftSeq');
    const range = await history(bob);
    expect(seqsOf(range)).toEqual([1, 2, 3, 4, 6, 7]);
    expect(range).toMatchObject({ fromSeq: 1, toSeq: 7 });
    await expectPushed(bob, socket, [6, 7], 5);
    const synced = groupIn(await sync(bob, cursor));
    expect(synced).toMatchObject({ complete: true });
    expect(JSON.stringify([range, synced, socket.pushes])).not.toContain('while he is away');
    await bob.say(g, 'good to be back');
    expect(seqsOf(await history(ann))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('a device that was offline over leaving and coming back has the same', async () => {
    const device = (await bob.another()).device();
    try {
      await device.connect();
      await device.goOffline();
      await group.leave(bob);
      await ann.say(g, 'while he is away');
      await group.add(ann, [bob], 'FROM_JOIN');
      await ann.say(g, 'here again');
      await device.connect();
      const copy = device.store.conversation(g);
      expect(copy.events().map(({ seq }) => seq)).toEqual([1, 2, 3, 5, 6]);
      expect(copy.gap()).toBeUndefined();
    } finally {
      await device.close();
    }
  });

  test('muted: everybody but owner and admins, or one member', async () => {
    await group.add(ann, [carol]);
    await group.update(ann, { muteAll: true });
    await expect(bob.say(g, 'hush?')).rejects.toMatchObject({ code: 403, reason: 'GROUP_MUTED' });
    await ann.say(g, 'quiet, please');
    await group.setRole(ann, bob, 'ADMIN');
    await bob.say(g, 'admins may');
    await group.update(ann, { muteAll: false });
    await carol.say(g, 'thank you');

    const until = new Date(Date.now() + 3_600_000).toISOString();
    await group.mute(ann, carol, until);
    const refused = { code: 403, reason: 'MEMBER_MUTED', metadata: { mutedUntil: until } };
    await expect(carol.say(g, 'but')).rejects.toMatchObject(refused);
    expect((await history(carol)).events.at(-1)).toMatchObject({
      memberUpdated: { uid: carol.uid, mutedUntil: until },
    });
    await group.mute(ann, carol, '');
    await carol.say(g, 'again');
  });

  test('owner and admins recall what others said, admins not what the owner said', async () => {
    await group.add(ann, [carol]);
    await group.setRole(ann, bob, 'ADMIN');
    const [owners, admins, members] = [
      await ann.say(g, 'owner'),
      await bob.say(g, 'admin'),
      await carol.say(g, 'member'),
    ];
    const recall = (who: Person, { seq }: { seq: number }) =>
      who.client.call('POST', `${path()}/messages/${seq}/recall`, { clientMsgId: randomUUID() });
    const refused = { code: 403, reason: 'NOT_THE_SENDER' };
    await expect(recall(carol, admins)).rejects.toMatchObject(refused);
    await expect(recall(bob, owners)).rejects.toMatchObject(refused);
    expect((await recall(bob, members)).message).not.toHaveProperty('content');
    expect((await recall(ann, admins)).message).not.toHaveProperty('content');
  });

  test('a dismissed group is read by its members, and written by nobody', async () => {
    const socket = await bob.socket();
    await ann.say(g, 'the end');
    await group.dismiss(ann);
    const dismissed = await pushedEvent(socket, ({ groupDismissed }) => groupDismissed !== undefined);
    expect(dismissed).toMatchObject({ seq: 4, actorUid: ann.uid, groupDismissed: {} });
    for (const who of [ann, bob]) {
      await expect(who.say(g, 'still?')).rejects.toMatchObject({ code: 403, reason: 'READ_ONLY' });
      expect(seqsOf(await history(who))).toEqual([1, 2, 3, 4]);
    }
  });

  test('a mention of all is one of everybody but its sender', async () => {
    const body = { clientMsgId: randomUUID(), content: text('@all'), mentions: { all: true } };
    const { message } = await ann.client.call('POST', `${path()}/messages`, body);
    expect(message.mentions).toEqual({ uids: [], all: true });
    expect(await conversation(bob)).toMatchObject({ unread: 1, mentionSeqs: [message.seq] });
    expect(await conversation(ann)).toMatchObject({ unread: 0, mentionSeqs: [] });
    await bob.client.call('POST', `${path()}/read`, { seq: message.seq });
    expect(await conversation(bob)).toMatchObject({ unread: 0, mentionSeqs: [] });
  });

  test('what another service appends is taken once and in its order', async () => {
    const removal = () => [{ case: 'removeMembers' as const, value: { uids: [bob.uid] } }];
    await group.append(ann, removal(), 1);
    expect(await conversation(bob)).toMatchObject({ headSeq: 2 });
    const early = group.append(ann, removal(), group.version + 2);
    await expect(early).rejects.toMatchObject({ status: 'ABORTED', reason: 'VERSION_GAP' });
    expect(await conversation(bob)).toMatchObject({ headSeq: 2 });
  });

  test('all members see the same order', async () => {
    const socket = await bob.socket();
    const { dan } = await people(product, 'dan');
    await group.add(ann, [carol, dan]);
    const senders = [ann, bob, carol, dan];
    await Promise.all(Array.from({ length: 40 }, (_, i) => senders[i % 4]!.say(g, `line ${i}`)));
    const held = await Promise.all(senders.map(async (who) => (await history(who, '?limit=200')).messages));
    for (const messages of held) {
      expect(messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 40 }, (_, i) => 4 + i));
      expect(messages.map(({ content }) => content)).toEqual(held[0]!.map(({ content }) => content));
    }
    const everyLine = Array.from({ length: 41 }, (_, i) => 3 + i);
    await expectPushed(bob, socket, everyLine, 3);
  });
});
