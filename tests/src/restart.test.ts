import { ApiError, ConnectionLost } from '@im/common/testing/client/api-error.ts';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { befriend, messageOf, type Person, people } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { ask } from './support/raw-http.ts';

let product: Product;
let ann: Person;
let bob: Person;
let c: string;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());
beforeEach(async () => {
  ({ ann, bob } = await people(product, 'ann', 'bob'));
  c = await befriend(ann, bob);
});

test('sockets are told to come back later, then closed with 1012', async () => {
  const sockets = await Promise.all([
    ann.socket(),
    bob.socket({ url: product.otherWsUrl }),
    (await bob.another()).socket(),
  ]);
  const stopped = product.restart();
  for (const socket of sockets) {
    const { drain } = await socket.waitFor((frame) => frame.drain !== undefined);
    expect(drain).toEqual({ reconnectAfterMs: expect.any(Number) });
    expect((await socket.closed).code).toBe(1012);
  }
  await stopped;
});

test('what was sent while it stops is answered, or unknown and safely sent again', async () => {
  const socket = await ann.socket();
  const ids = Array.from({ length: 150 }, (_, i) => `m${i}`);
  const sends = ids.map(async (id) => {
    try {
      return (await socket.request('sendMessage', messageOf(c, id, id))).message.seq;
    } catch (error) {
      // A good client sends it again when the server is back.
      expect(error instanceof ConnectionLost || (error instanceof ApiError && error.momentary)).toBe(true);
      return undefined;
    }
  });
  const [seqs] = await Promise.all([Promise.all(sends), product.restart()]);
  const again = await Promise.all(ids.map((id) => ann.say(c, id, id)));
  for (const [i, seq] of seqs.entries()) {
    if (seq !== undefined) expect(again[i]!.seq).toBe(seq);
  }
  const all = again.map(({ seq }) => seq);
  expect([...all].sort((a, b) => a - b)).toEqual(ids.map((_, i) => i + 2));
});

test('devices come back by themselves with everything, and go on', async () => {
  const [anns, bobs] = [ann.device(), bob.device()];
  try {
    await Promise.all([anns.connect(), bobs.connect()]);
    const before = await anns.send(c, 'before');
    const during = Promise.all(Array.from({ length: 50 }, (_, i) => anns.send(c, `during ${i}`)));
    await product.restart();
    const seqs = (await during).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => before.seq + 1 + i));
    const after = await anns.send(c, 'after');
    await bobs.waitFor((store) => store.conversation(c).knownTo === after.seq);
    const texts = bobs.store.conversation(c).messages();
    expect(texts.map(({ content }) => content?.text?.text)).toEqual([
      'before',
      ...seqs.map((_, i) => `during ${i}`),
      'after',
    ]);
  } finally {
    await Promise.all([anns.close(), bobs.close()]);
  }
});

test('people stay signed in, and the cursor, the epoch and the keys stay what they were', async () => {
  const { cursor, epoch } = await ann.client.call('GET', '/v1/sync');
  const { keys } = await product.client.call('GET', '/.well-known/jwks.json');
  await product.restart();
  expect((await product.client.call('GET', '/.well-known/jwks.json')).keys).toEqual(keys);
  expect((await product.client.call('GET', '/v1/config')).epoch).toBe(epoch);
  await ann.client.call('GET', '/v1/me');
  const page = await ann.client.call('GET', `/v1/sync?cursor=${cursor}`);
  expect(page).toMatchObject({ conversations: [], more: false, epoch });
  await product.admin.call('GET', '/v1/admin/api-keys');
});

test('a session that ended just before it stops is out when it is back', async () => {
  const other = await ann.another();
  await ann.client.call('DELETE', `/v1/sessions/${other.sessionId}`);
  await product.restart();
  const { status, error } = await ask(`${product.server.httpUrl}/v1/me`, {
    token: other.signedIn.tokens.accessToken,
  });
  expect([status, error.reason]).toEqual([401, 'SESSION_REVOKED']);
});
