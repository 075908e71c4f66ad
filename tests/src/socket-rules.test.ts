import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { befriend, messageOf, type Person, people, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { connectRaw, type RawSocket, type RawSocketOptions } from './support/raw-socket.ts';
import { TEXT, TIME } from './support/shapes.ts';

let product: Product;
let ann: Person;
let bob: Person;
let c: string;
const sockets: RawSocket[] = [];
beforeAll(async () => {
  product = await startProduct();
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  c = await befriend(ann, bob);
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await product.stop();
});

const hello = (who: Person, id = 'hello') => ({
  id,
  hello: { accessToken: who.signedIn.tokens.accessToken },
});

describe.each([
  ['the socket port', () => product.server.wsUrl],
  ['the other way in', () => product.otherWsUrl],
])('on %s', (_, urlOf) => {
  async function connect(options?: RawSocketOptions): Promise<RawSocket> {
    const socket = await connectRaw(urlOf(), options);
    sockets.push(socket);
    return socket;
  }

  async function welcomed(who: Person): Promise<RawSocket> {
    const socket = await connect();
    socket.send(hello(who));
    await socket.answer('hello');
    return socket;
  }

  test('hello is answered by welcome, under the id of the frame', async () => {
    const socket = await connect();
    socket.send(hello(ann, 'my first ✓'));
    expect(await socket.answer('my first ✓')).toEqual({
      replyTo: 'my first ✓',
      welcome: {
        uid: ann.uid,
        sessionId: ann.sessionId,
        serverTime: TIME,
        heartbeatSeconds: 30,
        epoch: TEXT,
      },
    });
  });

  test.each([
    ['im.v1.json', 'im.v1.json'],
    [['something', 'im.v1.json'], 'im.v1.json'],
    [[], ''],
  ])('asked for %j it speaks JSON as %j', async (protocols, spoken) => {
    const socket = await connect({ protocols });
    expect(socket.protocol).toBe(spoken);
    socket.send(hello(ann));
    expect((await socket.answer('hello')).welcome?.uid).toBe(ann.uid);
  });

  test('pages of other origins do not get in, its own and local ones do', async () => {
    for (const origin of ['https://elsewhere.example', 'null']) {
      await expect(connect({ headers: { origin } })).rejects.toThrow('403');
    }
    for (const origin of [product.server.httpUrl, 'http://localhost:5173']) {
      await connect({ headers: { origin } });
    }
  });

  test('a token in the URL or a header signs nobody in', async () => {
    const { accessToken } = ann.signedIn.tokens;
    const socket = await connectRaw(`${urlOf()}?access_token=${accessToken}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    sockets.push(socket);
    socket.send({ id: '1', sync: {} });
    expect((await socket.answer('1')).error).toMatchObject({ reason: 'HELLO_FIRST' });
    expect(await socket.closed()).toBe(4001);
  });

  test.each([
    ['ping', { id: '1', ping: {} }],
    ['a message', { id: '1', sendMessage: { conversationId: 'u:1', clientMsgId: 'x', content: text('x') } }],
    ['renew', { id: '1', renew: { accessToken: 'x' } }],
  ])('%s before hello closes with 4001', async (_name, frame) => {
    const socket = await connect();
    socket.send(frame);
    expect(await socket.closed()).toBe(4001);
  });

  test('a bad token gets an error, then 4001', async () => {
    const socket = await connect();
    socket.send({ id: '1', hello: { accessToken: 'not.a.token' } });
    expect(await socket.answer('1')).toEqual({
      replyTo: '1',
      error: {
        code: 401,
        status: 'UNAUTHENTICATED',
        reason: 'TOKEN_INVALID',
        message: TEXT,
        metadata: {},
        requestId: TEXT,
      },
    });
    expect(await socket.closed()).toBe(4001);
  });

  test('an API key is no access token', async () => {
    const socket = await connect();
    socket.send({ id: '1', hello: { accessToken: product.adminKey } });
    expect((await socket.answer('1')).error).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(await socket.closed()).toBe(4001);
  });

  test('a second hello is refused, and the connection stays', async () => {
    const socket = await welcomed(ann);
    socket.send(hello(ann, 'again'));
    const { error } = await socket.answer('again');
    expect(error).toMatchObject({ code: 409, status: 'FAILED_PRECONDITION', reason: 'HELLO_REPEATED' });
    socket.send({ id: 'p', ping: {} });
    expect(await socket.answer('p')).toEqual({ replyTo: 'p', pong: {} });
  });

  test('frames behind hello wait for welcome and keep their order', async () => {
    const socket = await connect();
    const ids = Array.from({ length: 20 }, (_unused, i) => `m${i}`);
    socket.send(hello(ann));
    for (const id of ids) socket.send({ id, sendMessage: messageOf(c, id) });
    const answers = await Promise.all(ids.map((id) => socket.answer(id)));
    expect(socket.frames[0]).toHaveProperty('welcome');
    const seqs = answers.map((answer) => {
      return (answer.sendMessage as { message: { seq: number } }).message.seq;
    });
    expect(seqs).toEqual(seqs.map((_unused, i) => seqs[0]! + i));
  });

  test.each([
    ['no JSON', 'hello?'],
    ['half of it', '{"id":"1","ping":{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['no id', '{"ping":{}}'],
    ['an id that is no text', '{"id":1,"ping":{}}'],
    ['an empty id', '{"id":"","ping":{}}'],
    ['no kind', '{"id":"1"}'],
    ['an unknown kind', '{"id":"1","shout":{}}'],
    ['two kinds', '{"id":"1","ping":{},"sync":{}}'],
    ['a kind of the server', '{"id":"1","welcome":{}}'],
    ['binary', Buffer.from('{"id":"1","ping":{}}')],
  ])('%s closes with 4000', async (_name, frame) => {
    const socket = await welcomed(ann);
    socket.send(frame);
    expect(await socket.closed()).toBe(4000);
  });

  test.each([
    [{ ping: { loud: true } }, 'UNKNOWN_FIELD', 'loud'],
    [{ sendMessage: { conversationId: 'u:1', clientMsgId: 'x' } }, 'INVALID_FIELD', 'content'],
    [{ sendMessage: { conversationId: 'u:1', content: text('x') } }, 'INVALID_FIELD', 'clientMsgId'],
    [
      { sendMessage: { conversationId: 'u:1', clientMsgId: 'x', content: { text: { text: 7 } } } },
      'INVALID_FIELD',
      'content.text.text',
    ],
    [{ sendMessage: messageOf('x:1', 'hi') }, 'INVALID_FIELD', 'conversationId'],
    [{ getMessages: { conversationId: 'u:1', limit: 201 } }, 'INVALID_FIELD', 'limit'],
    [{ markRead: { conversationId: 'u:1', seq: -1 } }, 'INVALID_FIELD', 'seq'],
    [{ sync: { limit: 0 } }, 'INVALID_FIELD', 'limit'],
  ])('a bad field gets an error and the connection stays: %j', async (frame, reason, field) => {
    const socket = await welcomed(ann);
    socket.send({ id: 'bad', ...frame });
    expect((await socket.answer('bad')).error).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      reason,
      metadata: { field },
    });
    socket.send({ id: 'p', ping: {} });
    await socket.answer('p');
  });

  test('a refusal answers under its id and the connection stays', async () => {
    const socket = await welcomed(ann);
    socket.send({ id: 's', sendMessage: messageOf('u:1', 'anybody?') });
    expect((await socket.answer('s')).error).toMatchObject({ code: 404, reason: 'USER_NOT_FOUND' });
    socket.send({ id: 'g', getMessages: { conversationId: 'g:1' } });
    expect((await socket.answer('g')).error).toMatchObject({ reason: 'CONVERSATION_NOT_FOUND' });
    socket.send({ id: 'c', sync: { cursor: 'nonsense' } });
    expect((await socket.answer('c')).error).toMatchObject({ reason: 'CURSOR_INVALID' });
  });

  test('a frame beyond 1 MiB closes with 1009, one just below does not', async () => {
    const socket = await welcomed(ann);
    const size = (bytes: number) => `{"id":"1","ping":{"x":"${'x'.repeat(bytes)}"}}`;
    socket.send(size(1_048_000));
    expect((await socket.answer('1')).error).toMatchObject({ reason: 'UNKNOWN_FIELD' });
    socket.send(size(1_048_576));
    expect(await socket.closed()).toBe(1009);
  });

  test('renew takes a newer token of the same session, and of no other', async () => {
    const mine = await ann.another();
    const socket = await welcomed(mine);
    const { tokens } = await product.client.call('POST', '/v1/token/refresh', {
      refreshToken: mine.signedIn.tokens.refreshToken,
    });
    socket.send({ id: 'r', renew: { accessToken: tokens.accessToken } });
    expect((await socket.answer('r')).welcome).toMatchObject({ uid: ann.uid, sessionId: mine.sessionId });
    socket.send({ id: 'f', renew: { accessToken: ann.signedIn.tokens.accessToken } });
    expect((await socket.answer('f')).error).toMatchObject({ status: 'UNAUTHENTICATED' });
    expect(await socket.closed()).toBe(4001);
  });

  test('typing is never answered, not even when it is refused', async () => {
    const socket = await welcomed(ann);
    for (const [i, conversationId] of [c, `u:${bob.uid}`, 'g:1', 'u:1'].entries()) {
      socket.send({ id: `t${i}`, typing: { conversationId } });
    }
    socket.send({ id: 'p', ping: {} });
    await socket.answer('p');
    socket.send({ id: 'q', sync: {} });
    await socket.answer('q');
    expect(socket.frames.filter(({ replyTo }) => replyTo?.startsWith('t'))).toEqual([]);
  });

  test("what one sends comes to one's own other devices too", async () => {
    const [socket, other, peer] = [
      await welcomed(ann),
      await welcomed(await ann.another()),
      await welcomed(bob),
    ];
    const body = messageOf(c, 'to all of mine', randomUUID());
    socket.send({ id: 's', sendMessage: body });
    const { message } = (await socket.answer('s')).sendMessage as { message: object };
    for (const device of [other, peer]) {
      const frame = await device.frame(({ events }) => {
        return events?.events.some((event) => event.message?.clientMsgId === body.clientMsgId) === true;
      });
      expect(frame).not.toHaveProperty('replyTo');
      expect(frame.events?.events.at(-1)?.message).toEqual(message);
    }
  });

  test('there is nothing but /ws', async () => {
    await expect(connectRaw(urlOf().replace('/ws', '/other'))).rejects.toThrow('404');
  });
});
