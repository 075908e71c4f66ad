import { randomUUID } from 'node:crypto';
import { login, makeFriends, refreshTokens, register } from '@im/common/testing/client/accounts.ts';
import { ApiError } from '@im/common/testing/client/api-error.ts';
import type { WireRange, WireSync } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { befriend, directConversation, type Person, people, person, text } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { clusterServers } from './support/way.ts';

const DAY_MS = 86_400_000;
/** Milliseconds until what is done in the background is done, on a machine that does other things too. */
const SOON = { timeout: 10_000 };
const PASSWORD = 'a-password';

let product: Product;
/** Milliseconds by which the server's clock is off. */
let offset = 0;
const step = (ms: number) => {
  offset += ms;
};
beforeAll(async () => {
  product = await startProduct({
    now: () => Date.now() + offset,
    // So often that every step is swept at.
    services: { 'auth-service': { sweepSeconds: 0.02 } },
  });
});
afterAll(() => product.stop());
beforeEach(() => {
  offset = 0;
});

const history = (who: Person, conversationId: string) =>
  who.client.call<WireRange>('GET', `/v1/conversations/${conversationId}/messages`);
const sync = (who: Person, cursor?: string) =>
  who.client.call<WireSync>('GET', `/v1/sync${cursor === undefined ? '' : `?cursor=${cursor}`}`);
const withToken = (accessToken: string) => product.client.as(accessToken).call('GET', '/v1/me');
/** The same person with a token of now. Right after a step the server may ask for a moment, and for no more than that. */
async function now(who: Person): Promise<Person> {
  const again = await person(product, who.name, who);
  await vi.waitUntil(
    () =>
      again.client.call('GET', '/v1/me').catch((error) => {
        if (!(error instanceof ApiError && error.momentary)) throw error;
      }),
    SOON,
  );
  return again;
}

test('order is by seq whatever the clock says, and a device that stays connected has it all', async () => {
  const { ann, bob } = await people(product, 'ann', 'bob');
  const conversationId = await befriend(ann, bob);
  const device = bob.device();
  try {
    await device.connect();
    let { cursor } = await sync(ann);
    const steps = [0, DAY_MS, 0, -DAY_MS, -DAY_MS, 2 * DAY_MS, -DAY_MS];
    for (const [i, ms] of steps.entries()) {
      step(ms);
      const writer = await now(ann);
      const { seq, sentAt } = await writer.say(conversationId, `message ${i}`);
      expect(seq).toBe(i + 2);
      expect(Math.abs(Date.parse(sentAt) - Date.now() - offset)).toBeLessThan(60_000);
      // A cursor of before a step brings what came after it, and nothing twice.
      const page = await sync(writer, cursor);
      expect(page.conversations.flatMap(({ events }) => events.map((event) => event.seq))).toEqual([seq]);
      cursor = page.cursor;
      await device.waitFor((store) => store.conversation(conversationId).knownTo === seq, SOON.timeout);
    }
    expect(offset).toBe(0);
    const { messages } = await history(await now(bob), conversationId);
    expect(messages.map(({ content }) => content?.text?.text)).toEqual(steps.map((_, i) => `message ${i}`));
    expect(device.ended).toBeUndefined();
  } finally {
    await device.close();
  }
});

test('an access token lives 15 minutes of any clock: one dated ahead is to be refreshed too', async () => {
  const { ann } = await people(product, 'ann');
  step(DAY_MS);
  await expect(withToken(ann.signedIn.tokens.accessToken)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' });
  const ahead = await refreshTokens(product.client, ann.signedIn.tokens.refreshToken);
  await withToken(ahead.accessToken);
  step(-DAY_MS);
  await expect(withToken(ahead.accessToken)).rejects.toMatchObject({ reason: 'TOKEN_EXPIRED' });
  const back = await refreshTokens(product.client, ahead.refreshToken);
  await withToken(back.accessToken);
});

test('what was revoked stays revoked, whatever was swept while the clock was ahead', async () => {
  const { ann } = await people(product, 'ann');
  const other = await ann.another();
  await ann.client.call('DELETE', `/v1/sessions/${other.sessionId}`);
  const { accessToken } = other.signedIn.tokens;
  const refused = () => expect(withToken(accessToken)).rejects.toMatchObject({ reason: 'SESSION_REVOKED' });
  await vi.waitFor(refused, SOON);
  step(DAY_MS);
  // Until a session that is revoked now is refused: a gateway has read what there is, and forgotten the rest.
  const marker = await now(ann);
  const later = await now(ann);
  await later.client.call('DELETE', `/v1/sessions/${marker.sessionId}`);
  await vi.waitFor(
    () => expect(marker.client.call('GET', '/v1/me')).rejects.toMatchObject({ reason: 'SESSION_REVOKED' }),
    SOON,
  );
  step(-DAY_MS);
  await refused();
});

test('a sign-out ends sessions that were opened while the clock was ahead', async () => {
  const { ann } = await people(product, 'ann');
  step(DAY_MS);
  const ahead = await now(ann);
  step(-DAY_MS);
  await product.admin.call('POST', `/v1/admin/users/${ann.uid}/sign-out`, {});
  await vi.waitFor(
    () =>
      expect(refreshTokens(product.client, ahead.signedIn.tokens.refreshToken)).rejects.toMatchObject({
        reason: 'SESSION_REVOKED',
      }),
    SOON,
  );
});

test('nobody waits a day to sign in because they mistyped while the clock was ahead', async () => {
  const username = `u${randomUUID().slice(0, 20)}`;
  await register(product.client, { username, password: PASSWORD });
  const signIn = (password: string) =>
    login(product.client, { username, password, device: { deviceId: 'd', platform: 'WEB' } });
  const throttled = async () => {
    for (;;) {
      const reason = await signIn('wrong-password').catch((error) => error.reason);
      if (reason === 'LOGIN_THROTTLED') return;
      expect(reason).toBe('BAD_CREDENTIALS');
    }
  };
  step(DAY_MS);
  await throttled();
  step(-DAY_MS);
  await expect(signIn(PASSWORD)).resolves.toMatchObject({ user: { username } });
  // The limit itself is as it was.
  await throttled();
  await expect(signIn(PASSWORD)).rejects.toMatchObject({ reason: 'LOGIN_THROTTLED' });
});

test('edit windows follow the clock, and a message from ahead can be edited and recalled', async () => {
  const { ann, bob } = await people(product, 'ann', 'bob');
  const conversationId = await befriend(ann, bob);
  const edit = async (seq: number) =>
    (await now(ann)).client.call('PATCH', `/v1/conversations/${conversationId}/messages/${seq}`, {
      clientMsgId: randomUUID(),
      content: text('edited'),
    });
  const { seq: early } = await ann.say(conversationId, 'early');
  step(DAY_MS + 60_000);
  await expect(edit(early)).rejects.toMatchObject({ reason: 'EDIT_WINDOW_PASSED' });
  const { seq: ahead } = await (await now(ann)).say(conversationId, 'ahead');
  step(-DAY_MS - 60_000);
  await edit(early);
  await edit(ahead);
  const path = `/v1/conversations/${conversationId}/messages/${ahead}/recall`;
  await (await now(ann)).client.call('POST', path, { clientMsgId: randomUUID() });
});

test('services go on telling one another, and nobody believes what was read under another clock', async () => {
  const { ann, bob, carol } = await people(product, 'ann', 'bob', 'carol');
  await befriend(ann, bob);
  const peerIn = async (who: Person) =>
    (await sync(who)).conversations.find(({ peer }) => peer?.uid === bob.uid)?.peer?.nickname;
  const { apiKey, key } = await product.admin.call('POST', '/v1/admin/api-keys', {
    name: 'a key',
    scopes: ['users'],
  });
  const byKey = () =>
    product.client.as(key).call('PUT', `/v1/admin/users/${randomUUID()}`, { nickname: 'somebody' });

  step(DAY_MS);
  // Read, and so remembered, a day ahead.
  expect(await peerIn(await now(ann))).toBe('bob');
  await byKey();
  step(-DAY_MS);
  await bob.client.call('PATCH', '/v1/me', { nickname: 'robert' });
  // Of several instances another may have read the name less than a minute ago, before the clock went ahead.
  if (clusterServers() === undefined) expect(await peerIn(await now(ann))).toBe('robert');
  await product.admin.call('DELETE', `/v1/admin/api-keys/${apiKey.keyId}`);
  await expect(byKey()).rejects.toMatchObject({ reason: 'API_KEY_INVALID' });

  for (const ms of [DAY_MS, -2 * DAY_MS, DAY_MS]) {
    step(ms);
    const [one, other] = await Promise.all([now(bob), now(carol)]);
    await makeFriends(one, other);
    await vi.waitFor(() => one.say(directConversation(one, other), 'hello'), SOON);
    await other.client.call('DELETE', `/v1/friends/${one.uid}`);
    await vi.waitFor(
      () =>
        expect(one.say(directConversation(one, other), 'gone')).rejects.toMatchObject({
          reason: 'DIRECT_NOT_ALLOWED',
        }),
      SOON,
    );
  }
});
