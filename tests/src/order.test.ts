import type { ImDevice } from '@im/common/testing/client/device.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pushedEvent, pushedEvents } from './support/frames.ts';
import { type Group, makeGroup } from './support/group.ts';
import { GROUP_SIZES } from './support/group-sizes.ts';
import { messageOf, type Person, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';

const MEMBERS = 20;
const EACH = 25;

describe.each(GROUP_SIZES)('$name', ({ largeGroupMembers }) => {
  let product: Product;
  let everybody: Person[];
  let group: Group;
  beforeAll(async () => {
    product = await startProduct({ services: { 'chat-service': { largeGroupMembers } } });
    everybody = await Promise.all(Array.from({ length: MEMBERS }, (_, i) => person(product, `member ${i}`)));
    group = await makeGroup(product, everybody[0]!, everybody.slice(1));
  });
  afterAll(() => product.stop());

  const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

  test('twenty send at once: everybody sees the same order without a gap, and each one’s own kept', async () => {
    const g = group.conversationId;
    const sockets = await Promise.all(everybody.map((who) => who.socket()));
    const device: ImDevice = (await everybody[0]!.another()).device();
    try {
      await device.connect();
      const acked = await Promise.all(
        sockets.map((socket, i) =>
          Promise.all(
            upTo(EACH).map(async (n) => {
              const body = messageOf(g, `member ${i}, line ${n}`);
              return (await socket.request('sendMessage', body)).message.seq;
            }),
          ),
        ),
      );
      // How the group began may still have been on its way when the sockets came.
      const first = 3;
      const last = 2 + MEMBERS * EACH;
      expect(acked.flat().sort((a, b) => a - b)).toEqual(upTo(last, 3));
      // Over HTTP, so that it is pushed to all sockets, its sender's too.
      const end = await everybody[0]!.say(g, 'the end');
      for (const seqs of acked) expect(seqs).toEqual([...seqs].sort((a, b) => a - b));

      for (const [i, socket] of sockets.entries()) {
        await pushedEvent(socket, ({ seq }) => seq === end.seq);
        const others = pushedEvents(socket).filter(
          ({ seq, actorUid }) => seq >= first && seq <= last && actorUid !== everybody[i]!.uid,
        );
        const mine = new Set(acked[i]);
        expect(others.map(({ seq }) => seq)).toEqual(upTo(last, 3).filter((seq) => !mine.has(seq)));
      }
      await device.waitFor((store) => store.conversation(g).knownTo === end.seq);
      const texts = device.store
        .conversation(g)
        .messages()
        .filter(({ seq }) => seq <= last);
      for (const [i, who] of everybody.entries()) {
        const own = texts.filter(({ senderUid }) => senderUid === who.uid);
        expect(own.map(({ content }) => content?.text?.text)).toEqual(
          upTo(EACH).map((n) => `member ${i}, line ${n}`),
        );
      }
    } finally {
      await device.close();
    }
  });

  test('what one socket sends without waiting keeps its order, among sends over HTTP', async () => {
    const [one, other] = everybody as [Person, Person];
    const socket = await one.socket();
    const sent = upTo(200).map((n) =>
      socket.request('sendMessage', messageOf(group.conversationId, `line ${n}`)),
    );
    const between = Promise.all(upTo(20).map((n) => other.say(group.conversationId, `between ${n}`)));
    const seqs = (await Promise.all(sent)).map(({ message }) => message.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    await between;
  });

  test('edits and recalls keep the order of their socket too', async () => {
    const socket = await everybody[0]!.socket();
    const conversationId = group.conversationId;
    const { message } = await socket.request('sendMessage', messageOf(conversationId, 'version 0'));
    const { seq } = message;
    const edits = upTo(20).map((n) =>
      socket.request('editMessage', {
        conversationId,
        seq,
        clientMsgId: `edit ${n}`,
        content: { text: { text: `version ${n}` } },
      }),
    );
    const recall = socket.request('recallMessage', { conversationId, seq, clientMsgId: 'recall' });
    const after = await Promise.all(edits);
    for (const [i, edited] of after.entries()) {
      expect(edited.message.content).toEqual({ text: { text: `version ${i + 1}` } });
    }
    expect((await recall).message).not.toHaveProperty('content');
  });
});
