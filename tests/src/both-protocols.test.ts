import { randomUUID } from 'node:crypto';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { WireEvent, WireRange, WireSync } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pushedEvent, pushedEvents } from './support/frames.ts';
import { makeGroup } from './support/group.ts';
import { GROUP_SIZES } from './support/group-sizes.ts';
import { befriend, messageOf, type Person, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

describe.each(GROUP_SIZES)('$name', ({ largeGroupMembers }) => {
  let product: Product;
  beforeAll(async () => {
    product = await startProduct({ services: { 'chat-service': { largeGroupMembers } } });
  });
  afterAll(() => product.stop());

  // Ann looks in three ways: a socket that speaks JSON, another that speaks protobuf, and HTTP.
  let ann: Person;
  let bob: Person;
  let carol: Person;
  let json: ImSocket;
  let proto: ImSocket;
  /** The messages that answered a send, as each socket heard of it. */
  let answered: Map<ImSocket, WireEvent[]>;
  beforeEach(async () => {
    ({ ann, bob, carol } = await people(product, 'ann', 'bob', 'carol'));
    answered = new Map();
    [json, proto] = (await Promise.all(PROTOCOLS.map(watch))) as [ImSocket, ImSocket];
  });

  async function watch(protocol: string): Promise<ImSocket> {
    const events: WireEvent[] = [];
    const socket = await (await ann.another()).socket({
      protocol,
      onAnswer({ kind, answer }) {
        if (kind !== 'sendMessage') return;
        const { message } = answer;
        const { conversationId, seq, sentAt: at, senderUid: actorUid } = message;
        events.push({ conversationId, seq, at, actorUid, message });
      },
    });
    answered.set(socket, events);
    return socket;
  }

  /** What a socket has seen of a conversation, by seq: pushes, and the answers to its own sends. */
  function seenBy(socket: ImSocket, conversationId: string): WireEvent[] {
    const events = [...pushedEvents(socket), ...answered.get(socket)!];
    const bySeq = new Map(
      events.filter((event) => event.conversationId === conversationId).map((e) => [e.seq, e]),
    );
    return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  /** What was on its way to Ann's sockets has come, but for what waits in another partition. */
  async function settled(): Promise<void> {
    const request = { toUid: ann.uid, clientMsgId: randomUUID(), content: text('all has come') };
    const { message } = await product.admin.call('POST', '/v1/admin/messages', request);
    await Promise.all(
      [json, proto].map((socket) =>
        pushedEvent(socket, (event) => event.message?.clientMsgId === message.clientMsgId),
      ),
    );
  }

  const history = (conversationId: string) =>
    ann.client.call<WireRange>('GET', `/v1/conversations/${conversationId}/messages?limit=200`);
  const seqsOf = ({ messages, events }: WireRange) =>
    [...messages, ...events].map(({ seq }) => seq).sort((a, b) => a - b);
  const seqs = (events: readonly WireEvent[]) => events.map(({ seq }) => seq);
  const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  /** The three ways show the same of a conversation: these seqs, and each event alike. */
  async function expectSame(conversationId: string, expected: readonly number[]): Promise<void> {
    await settled();
    const seen = () => [json, proto].map((socket) => seenBy(socket, conversationId));
    await expect.poll(() => seen().map(seqs)).toEqual([expected, expected]);
    const [byJson, byProto] = seen();
    expect(byProto).toEqual(byJson);
    expect(seqsOf(await history(conversationId))).toEqual(expected);
  }

  test('a direct conversation: the same events with the same seqs, whoever sends and in whatever way', async () => {
    const direct = await befriend(ann, bob);
    const path = `/v1/conversations/${direct}/messages`;
    await bob.say(direct, 'from Bob');
    const first = (await json.request('sendMessage', messageOf(direct, 'in JSON, 中文 🙂'))).message;
    const second = (await proto.request('sendMessage', messageOf(direct, 'in protobuf, 中文 🙂'))).message;
    const third = await ann.say(direct, 'over HTTP');
    expect([first, second, third].map(({ seq }) => seq)).toEqual([3, 4, 5]);
    await bob.client.call('PATCH', `${path}/2`, { clientMsgId: randomUUID(), content: text('edited') });
    await bob.client.call('POST', `${path}/2/recall`, { clientMsgId: randomUUID() });
    await ann.client.call('PATCH', `${path}/3`, { clientMsgId: randomUUID(), content: text('better') });
    const location = { location: { latitude: -12.25, longitude: 77.5, name: 'Lima' } };
    await bob.client.call('POST', path, { clientMsgId: randomUUID(), content: location });
    const file = { custom: { type: 'x', data: Buffer.from([0, 255, 7]).toString('base64') } };
    await bob.client.call('POST', path, { clientMsgId: randomUUID(), content: file, replyToSeq: 4 });
    await expectSame(direct, upTo(10));
  });

  test('a group: joining, being removed, coming back and leaving look alike', async () => {
    const group = await makeGroup(product, carol, [bob]);
    const g = group.conversationId;
    await bob.say(g, 'before Ann'); // 3
    await group.add(carol, [ann], 'FROM_JOIN'); // 4
    await bob.say(g, 'welcome'); // 5
    await proto.request('sendMessage', messageOf(g, 'thank you')); // 6
    await json.request('sendMessage', messageOf(g, 'all of you')); // 7
    await group.update(carol, { name: 'renamed' }); // 8
    await group.remove(carol, [ann]); // 9
    await bob.say(g, 'behind her back'); // 10
    await expectSame(g, upTo(9, 4));

    for (const socket of [json, proto]) {
      const refused = socket.request('sendMessage', messageOf(g, 'may I?'));
      await expect(refused).rejects.toMatchObject({ code: 403, reason: 'NOT_A_MEMBER' });
    }

    await group.add(carol, [ann], 'FROM_JOIN'); // 11
    await group.setRole(carol, ann, 'ADMIN'); // 12
    await bob.say(g, 'back again'); // 13
    await group.remove(carol, [bob]); // 14
    await group.add(ann, [bob]); // 15
    await group.leave(ann); // 16
    await bob.say(g, 'gone again'); // 17
    await expectSame(g, [...upTo(9, 4), ...upTo(16, 11)]);
  });

  test('what is asked for is answered alike', async () => {
    const direct = await befriend(ann, bob);
    const group = await makeGroup(product, carol, [ann, bob]);
    for (const conversationId of [direct, group.conversationId]) {
      for (const value of ['one', 'two']) await bob.say(conversationId, value);
    }
    await settled();

    const overHttp = await ann.client.call<WireSync>('GET', '/v1/sync');
    const synced = await Promise.all([json, proto].map((socket) => socket.request('sync', {})));
    for (const one of synced) expect(one).toEqual(overHttp);
    expect(overHttp.conversations.map(({ conversationId }) => conversationId)).toContain(
      group.conversationId,
    );
    const range = await history(group.conversationId);
    for (const socket of [json, proto]) {
      const { conversationId } = group;
      expect(await socket.request('getMessages', { conversationId, limit: 200 })).toEqual(range);
      expect(await socket.request('markRead', { conversationId, seq: 3 })).toEqual({ readSeq: 3, unread: 1 });
      const none = socket.request('getMessages', { conversationId: 'g:1', limit: 1 });
      await expect(none).rejects.toMatchObject({ code: 404, reason: 'CONVERSATION_NOT_FOUND' });
      const bad = socket.request('sync', { limit: 5_001 });
      await expect(bad).rejects.toMatchObject({
        code: 400,
        reason: 'INVALID_FIELD',
        metadata: { field: 'limit' },
      });
    }
  });
});
