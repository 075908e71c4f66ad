import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe.each(PROTOCOLS)('%s', (protocol) => {
  const start: typeof startGateway = (settings, options) => startGateway(settings, { protocol, ...options });

  let gateway: TestGateway;

  afterEach(() => gateway.stop());

  const mark = (seq: number) => ({ markRead: { conversationId: 's:1:2', seq } });

  test('a request is made for the socket’s user and answered under its name', async () => {
    gateway = await start();
    gateway.chat.onMarkRead = async ({ seq }, uid) => ({ readSeq: seq, unread: Number(uid) });
    const socket = await gateway.join('41');
    expect(await socket.ask(mark(3))).toEqual({ replyTo: '2', markRead: { readSeq: 3, unread: 41 } });
    expect(await socket.ask({ sync: {} })).toEqual({
      replyTo: '3',
      sync: { conversations: [], hidden: [], cursor: 'cursor', more: false, epoch: '' },
    });
  });

  test('an error of chat-service is the answer', async () => {
    gateway = await start();
    const socket = await gateway.join('1');
    const answer = await socket.ask({ getMessages: { conversationId: 's:1:2' } });
    expect(answer.error).toMatchObject({ code: 501, status: 'UNIMPLEMENTED', reason: 'NOT_IMPLEMENTED' });
  });

  test('answers come as they are ready, so many requests at a time', async () => {
    gateway = await start({ requestsPerSocket: 2 });
    const slow = Promise.withResolvers<{ readSeq: number; unread: number }>();
    const seen: number[] = [];
    gateway.chat.onMarkRead = async ({ seq }) => {
      seen.push(seq);
      return seq <= 1 ? slow.promise : { readSeq: seq, unread: 0 };
    };
    const socket = await gateway.join('1');
    const first = socket.send(mark(0));
    expect(await socket.ask(mark(5))).toMatchObject({ markRead: { readSeq: 5 } });
    socket.send(mark(1));
    const waits = socket.send(mark(6));
    await eventually(() => expect(seen).toEqual([0, 5, 1]));
    // A sync has a place of its own.
    await socket.ask({ sync: {} });
    expect(seen).toEqual([0, 5, 1]);
    slow.resolve({ readSeq: 1, unread: 0 });
    await Promise.all([socket.answerTo(first), socket.answerTo(waits)]);
    expect(seen).toEqual([0, 5, 1, 6]);
  });

  test('a request that takes too long is DEADLINE_PASSED', async () => {
    gateway = await start({ answerTimeoutMs: 100 });
    gateway.chat.onMarkRead = () => new Promise(() => {});
    const socket = await gateway.join('1');
    expect((await socket.ask(mark(1))).error).toMatchObject({ code: 504, reason: 'DEADLINE_PASSED' });
  });

  test('an answer larger than the send buffer does not close the socket', async () => {
    gateway = await start({ sendBufferBytes: 10_000 });
    const cursor = 'x'.repeat(20_000_000);
    gateway.chat.onSync = async () => ({ cursor });
    const socket = await gateway.join('1');
    const ids = [socket.send({ sync: {} }), socket.send({ sync: {} })];
    for (const id of ids) expect((await socket.answerTo(id)).sync.cursor).toHaveLength(cursor.length);
    expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
  });

  test('typing is passed on with the real id, now and then, and never answered', async () => {
    gateway = await start();
    const socket = await gateway.join('1');
    socket.send({ typing: { conversationId: 'u:2' } });
    socket.send({ typing: { conversationId: 's:1:2' } });
    socket.send({ typing: { conversationId: 'g:5' } });
    await eventually(() => expect(gateway.chat.typing).toHaveLength(2));
    expect(gateway.chat.typing).toMatchObject([
      { uid: '1', conversationId: 's:1:2' },
      { uid: '1', conversationId: 'g:5' },
    ]);
    await socket.ask({ ping: {} });
    expect(socket.frames.map(({ replyTo }) => replyTo)).toEqual(['1', '5']);
  });
});
