import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ClientFrameSchema } from '@im/common/gen/im/ws/v1/frames_pb.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

describe('im.v1.json', () => {
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

  test('text that is not UTF-8 closes with 4000', async () => {
    const socket = await gateway.join('1');
    socket.ws.send(Buffer.from('{"id":"\xff","ping":{}}', 'latin1'), { binary: false });
    expect((await socket.closed).code).toBe(4000);
  });

  test('an id may be as long as a frame', async () => {
    const socket = await gateway.join('1');
    const id = 'x'.repeat(10_000);
    socket.raw(JSON.stringify({ id, ping: {} }));
    expect(await socket.answerTo(id)).toEqual({ replyTo: id, pong: {} });
    socket.ws.close();
  });

  test('as many pings at once as frames may come are answered', async () => {
    const socket = await gateway.join('1');
    let pongs = 0;
    socket.ws.on('pong', () => {
      pongs += 1;
    });
    for (let i = 0; i < 1_000; i++) socket.ws.ping();
    expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
    await eventually(() => expect(pongs).toBe(1_000));
    socket.ws.close();
  });

  test.each([['hello'], ['renew']])('a %s with what is no token closes with 4001', async (kind) => {
    for (const accessToken of ['x', 'x'.repeat(5_000)]) {
      const socket = kind === 'hello' ? await gateway.connect() : await gateway.join('1');
      socket.raw(JSON.stringify({ id: 'bad', [kind]: { accessToken } }));
      const { error } = await socket.answerTo('bad');
      expect(error).toMatchObject({ code: 401, reason: 'TOKEN_INVALID' });
      expect((await socket.closed).code).toBe(4001);
    }
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

describe('im.v1.proto', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await startGateway({}, { protocol: 'im.v1.proto' });
  });
  afterAll(() => gateway.stop());

  test.each([
    ['a text frame', '{"id":"1","ping":{}}'],
    ['no protobuf', Buffer.from('{"id":"1","ping":{}}')],
    ['nothing', Buffer.alloc(0)],
    ['no id', clientFrame({ frame: { case: 'ping', value: {} } })],
    ['an empty id', frameOf([1, ''], [12, ''])],
    ['an id that is not UTF-8', frameOf([1, Buffer.from([0xff])], [12, ''])],
    ['two ids', frameOf([1, '1'], [1, '2'], [12, ''])],
    ['no kind', clientFrame({ id: '1' })],
    ['an unknown kind', frameOf([1, '1'], [99, ''])],
    ['two kinds', frameOf([1, '1'], [12, ''], [25, ''])],
    ['one kind twice', frameOf([1, '1'], [12, ''], [12, ''])],
    ['a kind that is a number', Buffer.from([...frameOf([1, '1']), 12 << 3, 5])],
    ['a kind that is cut off', frameOf([1, '1'], [12, '']).subarray(0, -1)],
    ['a kind with something else in it', frameOf([1, '1'], [20, Buffer.from([0x0a, 0x7f, 1])])],
    ['a text that is not UTF-8', frameOf([1, '1'], [23, Buffer.from([0x0a, 1, 0xff])])],
  ])('%s closes with 4000', async (_name, data) => {
    const socket = await gateway.join('1');
    socket.raw(data);
    expect((await socket.closed).code).toBe(4000);
  });

  const location = { kind: { case: 'location', value: { latitude: 1, longitude: Number.NaN } } } as const;
  const noClientMsgId = { case: 'sendMessage', value: { conversationId: 'u:2' } } as const;
  const noNumber = {
    case: 'sendMessage',
    value: { conversationId: 'u:2', clientMsgId: 'a', content: location },
  } as const;

  test.each([
    ['a rule', clientFrame({ id: 'bad', frame: noClientMsgId }), 'INVALID_FIELD', 'clientMsgId'],
    ['NaN', clientFrame({ id: 'bad', frame: noNumber }), 'INVALID_FIELD', 'content.location.longitude'],
    ['an unknown field', frameOf([1, 'bad'], [12, frameOf([9, ''])]), 'UNKNOWN_FIELD', '9'],
    [
      'an unknown field further in',
      frameOf([1, 'bad'], [20, frameOf([3, frameOf([2, frameOf([77, ''])])])]),
      'UNKNOWN_FIELD',
      'content.image.77',
    ],
  ] as const)('%s gets an error and the socket stays', async (_name, frame, reason, field) => {
    const socket = await gateway.join('1');
    socket.raw(frame);
    const answer = await socket.answerTo('bad');
    expect(answer.error).toMatchObject({
      code: 400,
      status: 'INVALID_ARGUMENT',
      reason,
      metadata: { field },
      message: expect.any(String),
      requestId: expect.any(String),
    });
    expect(await socket.ask({ ping: {} })).toEqual({ replyTo: '2', pong: {} });
    socket.ws.close();
  });
});

describe.each(PROTOCOLS)('with small limits, %s', (protocol) => {
  let gateway: TestGateway;

  afterEach(() => gateway.stop());

  const start: typeof startGateway = (settings) => startGateway(settings, { protocol });

  test('a frame that is too large closes with 1009', async () => {
    gateway = await start({ maxFrameBytes: 2_000 });
    const socket = await gateway.join('1');
    expect(await socket.ask({ ping: {} })).toMatchObject({ pong: {} });
    socket.raw('x'.repeat(2_001));
    expect((await socket.closed).code).toBe(1009);
  });

  test('more frames than allowed close with 4029, as many as allowed do not', async () => {
    gateway = await start({ framesPerSecond: 1, frameBurst: 20 });
    const socket = await gateway.join('1');
    for (let count = 0; count < 18; count++) socket.send({ ping: {} });
    await socket.answerTo('19');
    for (let count = 0; count < 10; count++) socket.send({ ping: {} });
    expect((await socket.closed).code).toBe(4029);
  });

  test('WebSocket pings count as frames', async () => {
    gateway = await start({ framesPerSecond: 1, frameBurst: 20 });
    const socket = await gateway.join('1');
    for (let count = 0; count < 30; count++) socket.ws.ping();
    expect((await socket.closed).code).toBe(4029);
  });
});

type ClientFrameInit = MessageInitShape<typeof ClientFrameSchema>;

function clientFrame(init: ClientFrameInit): Buffer {
  return Buffer.from(toBinary(ClientFrameSchema, create(ClientFrameSchema, init)));
}

/** Fields by number, also as no client of ours would write them. */
function frameOf(...fields: (readonly [number: number, value: string | Buffer])[]): Buffer {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    writer.tag(number, WireType.LengthDelimited).bytes(Buffer.from(value as string));
  }
  return Buffer.from(writer.finish());
}
