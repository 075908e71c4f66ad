import { randomUUID } from 'node:crypto';
import { issueTokens, login, refreshTokens, upsertUser } from '@im/common/testing/client/accounts.ts';
import type { ImClient } from '@im/common/testing/client/http.ts';
import type { ImSocket } from '@im/common/testing/client/socket.ts';
import type { SignedIn, WireSession } from '@im/common/testing/client/wire.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Product, startProduct } from './support/product.ts';

/** A session that has ended is out within this, in milliseconds. */
const OUT_WITHIN_MS = 2_000;
const PASSWORD = 'correct horse battery';

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.stop());

interface Device extends SignedIn {
  readonly client: ImClient;
  readonly socket: ImSocket;
}

/** Somebody with a password and three devices online. */
async function somebody() {
  const username = `u${randomUUID().slice(0, 8)}`;
  const { uid } = await upsertUser(product.admin, username, { username });
  await product.admin.call('PUT', `/v1/admin/users/${uid}/password`, { newPassword: PASSWORD });
  const device = async (deviceId: string, platform: 'IOS' | 'WEB' | 'WINDOWS'): Promise<Device> => {
    const signedIn = await issueTokens(product.admin, {
      uid,
      device: { deviceId, platform, name: deviceId },
    });
    const socket = await product.connect();
    await socket.hello(signedIn.tokens.accessToken);
    return { ...signedIn, socket, client: product.client.as(signedIn.tokens.accessToken) };
  };
  const phone = await device('phone', 'IOS');
  const web = await device('browser', 'WEB');
  const desktop = await device('desktop', 'WINDOWS');
  return { uid, username, phone, web, desktop };
}

type Somebody = Awaited<ReturnType<typeof somebody>>;

/** The device's socket says why and closes, and HTTP refuses it, all within the promised time. */
async function expectOut(device: Device, reason: string): Promise<void> {
  const signedOut = await device.socket.waitFor((frame) => frame.signedOut !== undefined, OUT_WITHIN_MS);
  expect(signedOut).toEqual({ signedOut: { reason } });
  expect((await device.socket.closed).code).toBe(4003);
}

async function expectRefused(device: Device): Promise<void> {
  await vi.waitFor(
    async () => {
      const refused = { code: 401, status: 'UNAUTHENTICATED', reason: 'SESSION_REVOKED' };
      await expect(device.client.call('GET', '/v1/me')).rejects.toMatchObject(refused);
    },
    { timeout: OUT_WITHIN_MS },
  );
}

async function expectIn(device: Device): Promise<void> {
  await device.client.call('GET', '/v1/me');
  await device.socket.request('ping', {});
}

type Name = 'phone' | 'web' | 'desktop';

interface Way {
  how: string;
  end: (who: Somebody) => Promise<unknown>;
  out: Name[];
  reason: string;
}

const admin = (path: string, body: object = {}, method = 'POST') => {
  return ({ uid }: Somebody) => product.admin.call(method, `/v1/admin/users/${uid}/${path}`, body);
};

const WAYS: Way[] = [
  {
    how: 'revoking one',
    end: ({ web, phone }) => web.client.call('DELETE', `/v1/sessions/${phone.session.sessionId}`),
    out: ['phone'],
    reason: 'REVOKED',
  },
  {
    how: 'revoking the others',
    end: ({ web }) => web.client.call('POST', '/v1/sessions/revoke-others', {}),
    out: ['phone', 'desktop'],
    reason: 'REVOKED',
  },
  {
    how: 'logging out',
    end: ({ phone }) => phone.client.call('POST', '/v1/logout', {}),
    out: ['phone'],
    reason: 'REVOKED',
  },
  {
    how: 'signing the same device in again',
    end: ({ username }) =>
      login(product.client, {
        username,
        password: PASSWORD,
        device: { deviceId: 'phone', platform: 'IOS' },
      }),
    out: ['phone'],
    reason: 'REPLACED',
  },
  {
    how: 'changing the password',
    end: ({ web }) =>
      web.client.call('PUT', '/v1/me/password', { oldPassword: PASSWORD, newPassword: `${PASSWORD}!` }),
    out: ['phone', 'desktop'],
    reason: 'PASSWORD_CHANGED',
  },
  {
    how: 'a password set by the product',
    end: admin('password', { newPassword: `${PASSWORD}!` }, 'PUT'),
    out: ['phone', 'web', 'desktop'],
    reason: 'PASSWORD_CHANGED',
  },
  { how: 'disabling', end: admin('disable'), out: ['phone', 'web', 'desktop'], reason: 'DISABLED' },
  {
    how: 'signing out by the product',
    end: admin('sign-out'),
    out: ['phone', 'web', 'desktop'],
    reason: 'REVOKED',
  },
  {
    how: 'a refresh token used after its successor was',
    end: async ({ phone }) => {
      const first = phone.tokens.refreshToken;
      const second = await refreshTokens(product.client, first);
      await refreshTokens(product.client, second.refreshToken);
      const stolen = refreshTokens(product.client, first);
      await expect(stolen).rejects.toMatchObject({ code: 401, reason: 'SESSION_REVOKED' });
    },
    out: ['phone'],
    reason: 'TOKEN_REUSED',
  },
];

test.each(WAYS)('$how ends $out within 2 s, and nobody else', async ({ end, out, reason }) => {
  const [who, other] = await Promise.all([somebody(), somebody()]);
  await end(who);
  await Promise.all(out.flatMap((name) => [expectOut(who[name], reason), expectRefused(who[name])]));
  const stay = (['phone', 'web', 'desktop'] as const).filter((name) => !out.includes(name));
  for (const name of stay) await expectIn(who[name]);
  for (const name of ['phone', 'web', 'desktop'] as const) await expectIn(other[name]);
});

test('what has ended does not come back: no hello, no new tokens, not in the list', async () => {
  const { web, phone } = await somebody();
  await web.client.call('DELETE', `/v1/sessions/${phone.session.sessionId}`);
  await expectOut(phone, 'REVOKED');
  const socket = await product.connect();
  const hello = socket.hello(phone.tokens.accessToken);
  await expect(hello).rejects.toMatchObject({ code: 401, reason: 'SESSION_REVOKED' });
  expect((await socket.closed).code).toBe(4001);
  const refresh = refreshTokens(product.client, phone.tokens.refreshToken);
  await expect(refresh).rejects.toMatchObject({ code: 401, reason: 'SESSION_REVOKED' });
  const again = web.client.call('DELETE', `/v1/sessions/${phone.session.sessionId}`);
  await expect(again).rejects.toMatchObject({ code: 404, reason: 'SESSION_NOT_FOUND' });
  const { sessions } = await web.client.call('GET', '/v1/sessions');
  expect(sessions.map(({ deviceId }: WireSession) => deviceId).sort()).toEqual(['browser', 'desktop']);
});

test('a list of sessions says which asks and which is online', async () => {
  const { web, phone, desktop } = await somebody();
  await phone.socket.close();
  // Gateways report their sockets joined, about each second.
  const reported = { timeout: 10_000, interval: 100 };
  await vi.waitFor(async () => {
    const { sessions } = await web.client.call<{ sessions: WireSession[] }>('GET', '/v1/sessions');
    const byDevice = new Map(sessions.map((session) => [session.deviceId, session]));
    expect(byDevice.get('browser')).toMatchObject({
      sessionId: web.session.sessionId,
      platform: 'WEB',
      name: 'browser',
      current: true,
      online: true,
    });
    expect(byDevice.get('desktop')).toMatchObject({
      sessionId: desktop.session.sessionId,
      current: false,
      online: true,
    });
    expect(byDevice.get('phone')).toMatchObject({ current: false, online: false });
  }, reported);
});

test('the session of somebody else is not there to be ended', async () => {
  const [mine, theirs] = await Promise.all([somebody(), somebody()]);
  const end = mine.web.client.call('DELETE', `/v1/sessions/${theirs.phone.session.sessionId}`);
  await expect(end).rejects.toMatchObject({ code: 404, reason: 'SESSION_NOT_FOUND' });
  await expectIn(theirs.phone);
});

test('refreshing keeps the session; a lost answer is asked for again', async () => {
  const { phone } = await somebody();
  const lost = await refreshTokens(product.client, phone.tokens.refreshToken);
  const again = await refreshTokens(product.client, phone.tokens.refreshToken);
  expect(again.refreshToken).toBe(lost.refreshToken);
  const welcome = await phone.socket.request('renew', { accessToken: again.accessToken });
  expect(welcome).toMatchObject({ uid: phone.user.uid, sessionId: phone.session.sessionId });
  await expectIn({ ...phone, client: product.client.as(again.accessToken) });
});
