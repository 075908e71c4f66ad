import { ApiError } from '@im/common/testing/client/api-error.ts';
import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { WireMessage } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, messageOf, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

let product: Product;
let ann: Person;
let bob: Person;
let conversationId: string;
beforeAll(async () => {
  product = await startProduct();
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  conversationId = await befriend(ann, bob);
});
afterAll(() => product.stop());

/** The messages a socket was pushed, as often as it was. */
function pushed(socket: ImSocket, clientMsgId: string): WireMessage[] {
  return socket.pushes
    .flatMap((frame) => frame.events?.events ?? [])
    .flatMap(({ message }) => (message?.clientMsgId === clientMsgId ? [message] : []));
}

/** Everything pushed before a later message has come by then. */
async function settled(socket: ImSocket): Promise<void> {
  const { seq } = await ann.say(conversationId, 'a later one');
  await socket.waitFor((frame) => frame.events?.events.some((event) => event.seq === seq) === true);
}

test('the same message sent three times at once, over HTTP and two sockets, has one seq and is seen once', async () => {
  const [one, other, peer] = await Promise.all([ann.socket(), (await ann.another()).socket(), bob.socket()]);
  const body = messageOf(conversationId, 'once', 'three-times');
  const answers = await Promise.all([
    ann.say(conversationId, 'once', 'three-times'),
    one.request('sendMessage', body).then((answer) => answer.message),
    other.request('sendMessage', body).then((answer) => answer.message),
  ]);
  expect(new Set(answers.map((message) => message.seq)).size).toBe(1);
  for (const answer of answers) expect(answer).toMatchObject({ ...body, senderUid: ann.uid });

  await Promise.all([one, other, peer].map(settled));
  expect(pushed(peer, 'three-times').map((message) => message.seq)).toEqual([answers[0]!.seq]);
  const { messages } = await bob.client.call('GET', `/v1/conversations/${conversationId}/messages`);
  expect(messages.filter((message: WireMessage) => message.clientMsgId === 'three-times')).toHaveLength(1);
});

test('twenty at once of each of ten ids: ten messages, numbered without a hole', async () => {
  const socket = await ann.socket();
  const before = (await ann.say(conversationId, 'before')).seq;
  const ids = Array.from({ length: 10 }, (_, i) => `many-${i}`);
  const seqs = await Promise.all(
    Array.from({ length: 20 }, () => ids)
      .flat()
      .map(async (id, i) => {
        if (i % 2 === 0) return { id, seq: (await ann.say(conversationId, id, id)).seq };
        const answer = await socket.request('sendMessage', messageOf(conversationId, id, id));
        return { id, seq: answer.message.seq };
      }),
  );
  const byId = Map.groupBy(seqs, ({ id }) => id);
  const distinct = [...byId.values()].map((same) => {
    expect(new Set(same.map(({ seq }) => seq)).size).toBe(1);
    return same[0]!.seq;
  });
  expect(distinct.sort((a, b) => a - b)).toEqual(ids.map((_, i) => before + 1 + i));
});

test('other content under the same id is refused, over HTTP and sockets, and the message stands', async () => {
  const { seq } = await ann.say(conversationId, 'the first', 'reused');
  const socket = await ann.socket();
  const refusals = await Promise.allSettled([
    ann.say(conversationId, 'the second', 'reused'),
    socket.request('sendMessage', messageOf(conversationId, 'the second', 'reused')),
  ]);
  for (const refusal of refusals) {
    const error = refusal.status === 'rejected' ? refusal.reason : undefined;
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 409, status: 'ALREADY_EXISTS', reason: 'MESSAGE_ID_REUSED' });
  }
  const again = await ann.say(conversationId, 'the first', 'reused');
  expect(again).toMatchObject({ seq, content: { text: { text: 'the first' } } });
});

test('the same id of another sender, or in another conversation, is another message', async () => {
  const carol = (await people(product, 'carol')).carol;
  const elsewhere = await befriend(ann, carol);
  const [here, hers, there] = await Promise.all([
    ann.say(conversationId, 'mine', 'shared-id'),
    bob.say(conversationId, 'yours', 'shared-id'),
    ann.say(elsewhere, 'elsewhere', 'shared-id'),
  ]);
  expect(here.seq).not.toBe(hers.seq);
  expect(there).toMatchObject({ conversationId: elsewhere, content: { text: { text: 'elsewhere' } } });
});

test('a repeat after an edit and a recall answers the message as it stands now', async () => {
  const path = `/v1/conversations/${conversationId}/messages`;
  const sent = await ann.say(conversationId, 'as sent', 'changed-later');
  await ann.client.call('PATCH', `${path}/${sent.seq}`, {
    clientMsgId: 'its-edit',
    content: { text: { text: 'as edited' } },
  });
  const edited = await ann.say(conversationId, 'as sent', 'changed-later');
  expect(edited).toMatchObject({ seq: sent.seq, content: { text: { text: 'as edited' } } });
  expect(edited.editedAt).toBeDefined();
  await ann.client.call('POST', `${path}/${sent.seq}/recall`, { clientMsgId: 'its-recall' });
  const recalled = await ann.say(conversationId, 'as sent', 'changed-later');
  expect(recalled.seq).toBe(sent.seq);
  expect(recalled).not.toHaveProperty('content');
  expect(recalled.recalledAt).toBeDefined();
});
