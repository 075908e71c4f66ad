import { frameCodec, PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TestSocket } from '../testing/socket-client.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe.each(PROTOCOLS)('%s', (protocol) => {
  const start: typeof startGateway = (settings, options) => startGateway(settings, { protocol, ...options });

  let gateway: TestGateway;

  afterEach(() => gateway.stop());

  function message(conversationId: string, clientMsgId: string) {
    return { sendMessage: { conversationId, clientMsgId, content: { text: { text: clientMsgId } } } };
  }

  /** Sends one message each and gives the ids of the frames. */
  function sendAll(socket: TestSocket, conversationId: string, clientMsgIds: string[]): string[] {
    return clientMsgIds.map((clientMsgId) => socket.send(message(conversationId, clientMsgId)));
  }

  function answersTo(socket: TestSocket, ids: string[]) {
    return Promise.all(ids.map((id) => socket.answerTo(id)));
  }

  test('sends, edits and recalls are answered with the message', async () => {
    gateway = await start();
    const socket = await gateway.join('1');
    expect(await socket.ask(message('s:1:2', 'a'))).toMatchObject({
      sendMessage: { message: { conversationId: 's:1:2', clientMsgId: 'a', senderUid: '1', seq: 1 } },
    });
    const content = { text: { text: 'x' } };
    const edit = { editMessage: { conversationId: 's:1:2', seq: 1, clientMsgId: 'b', content } };
    expect(await socket.ask(edit)).toMatchObject({ editMessage: { message: { clientMsgId: 'b' } } });
    const recall = { recallMessage: { conversationId: 's:1:2', seq: 1, clientMsgId: 'c' } };
    expect(await socket.ask(recall)).toMatchObject({ recallMessage: { message: { clientMsgId: 'c' } } });
    expect(gateway.chat.items.map(({ request }) => request.case)).toEqual([
      'sendMessage',
      'editMessage',
      'recallMessage',
    ]);
    expect(gateway.chat.items[0]).toMatchObject({ uid: '1', sessionId: socket.session.sessionId });
    expect(gateway.chat.items[0]!.timeoutMs).toBeGreaterThan(2_000);
    expect(gateway.chat.items[0]!.timeoutMs).toBeLessThanOrEqual(3_000);
    expect(gateway.chat.items[0]!.requestId).not.toBe(gateway.chat.items[1]!.requestId);
  });

  test('a refusal of chat-service reaches the client as it is', async () => {
    gateway = await start();
    gateway.chat.onItem = () => 'DIRECT_NOT_ALLOWED';
    const socket = await gateway.join('1');
    expect((await socket.ask(message('s:1:2', 'a'))).error).toMatchObject({
      code: 403,
      status: 'PERMISSION_DENIED',
      reason: 'DIRECT_NOT_ALLOWED',
      requestId: gateway.chat.items[0]!.requestId,
    });
    // Nothing is held back for it.
    gateway.chat.onItem = () => 'stored';
    expect(await socket.ask(message('s:1:2', 'b'))).toMatchObject({ sendMessage: {} });
  });

  test('what comes while a group is in flight goes as the next, in order', async () => {
    gateway = await start();
    const first = Promise.withResolvers<'stored'>();
    gateway.chat.onItem = ({ request }) => (request.value?.clientMsgId === 'a' ? first.promise : 'stored');
    const socket = await gateway.join('1');
    const [a] = sendAll(socket, 's:1:2', ['a']);
    await eventually(() => expect(gateway.chat.items).toHaveLength(1));
    const others = sendAll(socket, 's:1:2', ['b', 'c', 'd']);
    // Of another conversation: it is not kept waiting, and shows that the others have arrived.
    expect(await socket.ask(message('s:1:3', 'x'))).toMatchObject({ sendMessage: {} });
    expect(gateway.chat.stored).toEqual(['s:1:3 x']);
    first.resolve('stored');
    await answersTo(socket, [a!, ...others]);
    expect(gateway.chat.stored).toEqual(['s:1:3 x', 's:1:2 a', 's:1:2 b', 's:1:2 c', 's:1:2 d']);
    const groups = gateway.chat.items.map(({ groupId }) => groupId);
    expect(groups[2]).toBe(groups[3]);
    expect(groups[3]).toBe(groups[4]);
    expect(new Set(groups).size).toBe(3);
  });

  test('u:<uid> and the real id are one conversation', async () => {
    gateway = await start();
    const first = Promise.withResolvers<'stored'>();
    gateway.chat.onItem = ({ request }) => (request.value?.clientMsgId === 'a' ? first.promise : 'stored');
    const socket = await gateway.join('1');
    sendAll(socket, 'u:2', ['a']);
    await eventually(() => expect(gateway.chat.items).toHaveLength(1));
    const [b] = sendAll(socket, 's:1:2', ['b']);
    await socket.ask(message('s:1:3', 'x'));
    expect(gateway.chat.items.map(({ request }) => request.value?.clientMsgId)).toEqual(['a', 'x']);
    first.resolve('stored');
    await socket.answerTo(b!);
  });

  test('what a tick brings goes in one message of the stream', async () => {
    gateway = await start();
    const socket = await gateway.join('1');
    const frames = Array.from({ length: 40 }, (_, index) =>
      frameCodec(protocol).encode({ id: `f${index}`, ...message(`g:${index + 1}`, 'a') }),
    );
    // One write of the client: one read of the gateway.
    const raw = (socket.ws as unknown as { _socket: { cork(): void; uncork(): void } })._socket;
    raw.cork();
    for (const frame of frames) socket.raw(frame);
    raw.uncork();
    await socket.answerTo('f39');
    expect(gateway.chat.items).toHaveLength(40);
    expect(gateway.chat.batches.length).toBeLessThan(10);
  });

  test('after a momentary refusal later ones are refused until that one comes again', async () => {
    gateway = await start();
    const socket = await gateway.join('1');
    gateway.chat.onItem = () => 'OVERLOADED';
    expect((await socket.ask(message('s:1:2', 'a'))).error).toMatchObject({
      code: 503,
      reason: 'OVERLOADED',
    });
    gateway.chat.onItem = () => 'stored';
    expect((await socket.ask(message('s:1:2', 'b'))).error).toMatchObject({
      code: 409,
      status: 'ABORTED',
      reason: 'EARLIER_SEND_REFUSED',
    });
    // Other conversations and other sockets do not mind.
    expect(await socket.ask(message('s:1:3', 'b'))).toMatchObject({ sendMessage: {} });
    const other = await gateway.join('1');
    expect(await other.ask(message('s:1:2', 'z'))).toMatchObject({ sendMessage: {} });
    await answersTo(socket, sendAll(socket, 's:1:2', ['a', 'b']));
    expect(gateway.chat.stored).toEqual(['s:1:3 b', 's:1:2 z', 's:1:2 a', 's:1:2 b']);
  });

  test('a momentary refusal takes those waiting behind it along', async () => {
    gateway = await start();
    const first = Promise.withResolvers<'STORE_AWAY'>();
    gateway.chat.onItem = () => first.promise;
    const socket = await gateway.join('1');
    const [a] = sendAll(socket, 's:1:2', ['a']);
    await eventually(() => expect(gateway.chat.items).toHaveLength(1));
    const later = sendAll(socket, 's:1:2', ['b', 'c']);
    await socket.ask({ ping: {} });
    first.resolve('STORE_AWAY');
    const answers = await answersTo(socket, [a!, ...later]);
    expect(answers.map(({ error }) => error.reason)).toEqual([
      'STORE_AWAY',
      'EARLIER_SEND_REFUSED',
      'EARLIER_SEND_REFUSED',
    ]);
    expect(gateway.chat.items).toHaveLength(1);
  });

  test('no result in time is DEADLINE_PASSED, and a late one is dropped', async () => {
    gateway = await start({ answerTimeoutMs: 100 });
    const late = Promise.withResolvers<'stored'>();
    gateway.chat.onItem = () => late.promise;
    const socket = await gateway.join('1');
    const id = socket.send(message('s:1:2', 'a'));
    expect((await socket.answerTo(id)).error).toMatchObject({
      code: 504,
      status: 'DEADLINE_EXCEEDED',
      reason: 'DEADLINE_PASSED',
    });
    expect((await socket.ask(message('s:1:2', 'b'))).error.reason).toBe('EARLIER_SEND_REFUSED');
    late.resolve('stored');
    expect(await socket.ask(message('s:1:2', 'a'))).toMatchObject({ sendMessage: { message: { seq: 1 } } });
    expect(socket.frames.filter(({ replyTo }) => replyTo === id)).toHaveLength(1);
  });

  test('when the stream breaks, what is unanswered goes again, in order and before anything newer', async () => {
    gateway = await start();
    const socket = await gateway.join('1');
    gateway.chat.onItem = () => 'nothing';
    const first = sendAll(socket, 's:1:2', ['a', 'b', 'c']);
    await eventually(() => expect(gateway.chat.items).toHaveLength(3));
    const waiting = sendAll(socket, 's:1:2', ['d']);
    await socket.ask({ ping: {} });
    gateway.chat.onItem = () => 'stored';
    gateway.chat.breakStreams();
    await answersTo(socket, [...first, ...waiting]);
    const order = gateway.chat.items.map(({ request }) => request.value?.clientMsgId).join('');
    expect(order).toBe('abcabcd');
    expect(gateway.chat.stored).toEqual(['s:1:2 a', 's:1:2 b', 's:1:2 c', 's:1:2 d']);
  });

  test('a stream that answers nothing is given up, and the next one serves', async () => {
    gateway = await start({ answerTimeoutMs: 100 });
    const socket = await gateway.join('1');
    let dumb = true;
    gateway.chat.onItem = () => (dumb ? 'nothing' : 'stored');
    expect((await socket.ask(message('s:1:2', 'a'))).error.reason).toBe('DEADLINE_PASSED');
    await eventually(() => expect(gateway.chat.openStreams).toBe(1));
    dumb = false;
    await eventually(async () => {
      expect(await socket.ask(message('s:1:2', 'a'))).toMatchObject({ sendMessage: {} });
    });
  });

  test('while chat-service cannot be reached sends fail in time, and go on when it can', async () => {
    gateway = await start({ answerTimeoutMs: 300 });
    const socket = await gateway.join('1');
    gateway.chat.isAway = true;
    gateway.chat.breakStreams();
    await eventually(() => expect(gateway.chat.openStreams).toBe(0));
    const { error } = await socket.ask(message('s:1:2', 'a'));
    expect(['UNAVAILABLE', 'DEADLINE_EXCEEDED']).toContain(error.status);
    gateway.chat.isAway = false;
    await vi.waitFor(
      async () => expect(await socket.ask(message('s:1:2', 'a'))).toMatchObject({ sendMessage: {} }),
      { timeout: 5_000 },
    );
    expect(gateway.chat.stored).toEqual(['s:1:2 a']);
  });

  test('a send of a socket that goes is stored all the same', async () => {
    gateway = await start();
    const first = Promise.withResolvers<'stored'>();
    gateway.chat.onItem = ({ request }) => (request.value?.clientMsgId === 'a' ? first.promise : 'stored');
    const socket = await gateway.join('1');
    sendAll(socket, 's:1:2', ['a']);
    await eventually(() => expect(gateway.chat.items).toHaveLength(1));
    sendAll(socket, 's:1:2', ['b']);
    await socket.ask({ ping: {} });
    socket.ws.terminate();
    await socket.closed;
    first.resolve('stored');
    await eventually(() => expect(gateway.chat.stored).toEqual(['s:1:2 a', 's:1:2 b']));
  });
});
