import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe('with default settings', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.stop());

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['no id', '{"ping":{}}'],
    ['an empty id', '{"id":"","ping":{}}'],
    ['a number as id', '{"id":1,"ping":{}}'],
    ['an id that is too long', `{"id":"${'x'.repeat(129)}","ping":{}}`],
    ['no kind', '{"id":"1"}'],
    ['an unknown kind', '{"id":"1","dance":{}}'],
    ['the name of the proto file', '{"id":"1","send_message":{}}'],
    ['the name of an object', '{"id":"1","constructor":{}}'],
    ['two kinds', '{"id":"1","ping":{},"sync":{}}'],
    ['a binary frame', Buffer.from('{"id":"1","ping":{}}')],
  ])('%s closes with 4000', async (_name, data) => {
    const socket = await gateway.join('1');
    socket.raw(data);
    expect((await socket.closed).code).toBe(4000);
  });

  test('text that is not UTF-8 closes with 1007', async () => {
    const socket = await gateway.join('1');
    socket.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await socket.closed).code).toBe(1007);
  });

  test.each([
    [{ sendMessage: { conversationId: 'u:2' } }, 'INVALID_FIELD', 'clientMsgId'],
    [
      { sendMessage: { conversationId: 'u:2', clientMsgId: 'a', content: { text: { text: '' } } } },
      'INVALID_FIELD',
      'content.text.text',
    ],
    [{ sendMessage: { conversation_id: 'u:2' } }, 'UNKNOWN_FIELD', 'conversation_id'],
    [{ markRead: { conversationId: 'u:2', seq: 'x' } }, 'INVALID_FIELD', 'seq'],
    [{ sync: { limit: 5_001 } }, 'INVALID_FIELD', 'limit'],
    [{ ping: { hard: true } }, 'UNKNOWN_FIELD', 'hard'],
    [{ typing: {} }, 'INVALID_FIELD', 'conversationId'],
  ])('a bad field gets an error and the socket stays: %j', async (frame, reason, field) => {
    const socket = await gateway.join('1');
    const answer = await socket.ask(frame);
    expect(answer.error).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      reason,
      metadata: { field },
      message: expect.any(String),
      requestId: expect.any(String),
    });
    expect(await socket.ask({ ping: {} })).toEqual({ replyTo: '3', pong: {} });
    socket.ws.close();
  });
});

describe('with small limits', () => {
  let gateway: TestGateway;

  afterEach(() => gateway.stop());

  test('a frame that is too large closes with 1009', async () => {
    gateway = await startGateway({ maxFrameBytes: 2_000 });
    const socket = await gateway.join('1');
    expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
    socket.raw('x'.repeat(2_001));
    expect((await socket.closed).code).toBe(1009);
  });

  test('more frames than allowed close with 4029, as many as allowed do not', async () => {
    gateway = await startGateway({ framesPerSecond: 1, frameBurst: 20 });
    const socket = await gateway.join('1');
    for (let count = 0; count < 18; count++) socket.send({ ping: {} });
    await socket.answerTo('19');
    for (let count = 0; count < 10; count++) socket.send({ ping: {} });
    expect((await socket.closed).code).toBe(4029);
  });

  test('WebSocket pings count as frames', async () => {
    gateway = await startGateway({ framesPerSecond: 1, frameBurst: 20 });
    const socket = await gateway.join('1');
    for (let count = 0; count < 30; count++) socket.ws.ping();
    expect((await socket.closed).code).toBe(4029);
  });
});
