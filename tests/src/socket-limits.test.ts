import { afterAll, beforeAll, expect, test } from 'vitest';
import { befriend, type Person, people, person } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { connectRaw, type RawSocket, type RawSocketOptions } from './support/raw-socket.ts';

// The limits of sockets, made small so that they are reached in a moment.
const SETTINGS = {
  helloTimeoutMs: 300,
  heartbeatSeconds: 1,
  framesPerSecond: 10,
  frameBurst: 50,
  socketsPerUser: 2,
  sendBufferBytes: 65_536,
};

let product: Product;
let ann: Person;
/** Milliseconds that the product's clock is ahead. */
let ahead = 0;
const sockets: RawSocket[] = [];
beforeAll(async () => {
  const services = { 'ws-gateway': SETTINGS };
  product = await startProduct({ services, now: () => Date.now() + ahead });
  ({ ann } = await people(product, 'ann'));
});
afterAll(async () => {
  for (const socket of sockets) socket.terminate();
  await product.stop();
});

async function connect(options?: RawSocketOptions): Promise<RawSocket> {
  const socket = await connectRaw(product.server.wsUrl, options);
  sockets.push(socket);
  return socket;
}

async function welcomed(who: Person, options?: RawSocketOptions): Promise<RawSocket> {
  const socket = await connect(options);
  socket.send({ id: 'hello', hello: { accessToken: who.signedIn.tokens.accessToken } });
  await socket.answer('hello');
  return socket;
}

test('who does not say hello in time is closed with 4009', async () => {
  expect(await (await connect()).closed()).toBe(4009);
});

test('who is silent for two heartbeats is closed with 4010; who answers pings is not', async () => {
  const [silent, quiet] = [await welcomed(ann, { autoPong: false }), await welcomed(ann)];
  expect(await silent.closed()).toBe(4010);
  quiet.send({ id: 'p', ping: {} });
  await quiet.answer('p');
  quiet.terminate();
});

test('too many frames close with 4029', async () => {
  const socket = await welcomed(await person(product, 'chatterbox'));
  for (let i = 0; i < 100; i++) socket.send({ id: `${i}`, ping: {} });
  expect(await socket.closed()).toBe(4029);
  expect(socket.frames.length).toBeLessThan(100);
});

test('the socket beyond the number a user may have is closed with 4013, the others stay', async () => {
  const many = await person(product, 'many');
  const first = [await welcomed(many), await welcomed(await many.another())];
  const third = await connect();
  third.send({ id: 'hello', hello: { accessToken: many.signedIn.tokens.accessToken } });
  expect(await third.closed()).toBe(4013);
  for (const socket of first) {
    socket.send({ id: 'p', ping: {} });
    await socket.answer('p');
  }
  first[0]!.terminate();
});

test('who does not read is closed with 4008, and has everything after a sync', async () => {
  const { slow, talker } = await people(product, 'slow', 'talker');
  const c = await befriend(slow, talker);
  const socket = await welcomed(slow);
  socket.stopReading();
  // More than the network between them takes: some megabytes.
  const line = '中'.repeat(8_000);
  const sends = 500;
  for (let i = 0; i < sends; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, j) => talker.say(c, line, `line ${i + j}`)));
  }
  socket.startReading();
  expect(await socket.closed()).toBe(4008);
  const device = slow.device();
  try {
    await device.connect();
    expect(device.store.conversation(c).messages()).toHaveLength(sends);
    expect(device.store.conversation(c).gap()).toBeUndefined();
  } finally {
    await device.close();
  }
});

test('a token that runs out unrenewed closes with 4001, a renewed one does not', async () => {
  const { late, diligent } = await people(product, 'late', 'diligent');
  const [out, stays] = [await welcomed(late), await welcomed(diligent)];
  ahead += 14 * 60_000;
  const { tokens } = await product.client.call('POST', '/v1/token/refresh', {
    refreshToken: diligent.signedIn.tokens.refreshToken,
  });
  stays.send({ id: 'r', renew: { accessToken: tokens.accessToken } });
  await stays.answer('r');
  ahead += 2 * 60_000;
  expect(await out.closed()).toBe(4001);
  stays.send({ id: 'p', ping: {} });
  await stays.answer('p');

  const again = await connect();
  again.send({ id: 'hello', hello: { accessToken: late.signedIn.tokens.accessToken } });
  expect((await again.answer('hello')).error).toMatchObject({ code: 401, reason: 'TOKEN_EXPIRED' });
  expect(await again.closed()).toBe(4001);
  await expect(late.client.call('GET', '/v1/me')).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' });
});
