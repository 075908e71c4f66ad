import { issueTokens, upsertUser } from '@im/common/testing/client/accounts.ts';
import { PROTOCOLS } from '@im/common/testing/client/frame-codec.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Product, startProduct } from './support/product.ts';

/** A device that is displaced is out within this, in milliseconds. */
const OUT_WITHIN_MS = 2_000;

let product: Product;
beforeAll(async () => {
  product = await startProduct({ services: { 'auth-service': { devicePolicy: 'one-per-platform' } } });
});
afterAll(() => product.stop());

test.each(PROTOCOLS)('with one device per platform the next one replaces it, %s', async (protocol) => {
  const { uid } = await upsertUser(product.admin, protocol);
  const signIn = async (deviceId: string, platform: 'IOS' | 'WEB') => {
    const { tokens } = await issueTokens(product.admin, { uid, device: { deviceId, platform } });
    const socket = await product.connect({ protocol });
    await socket.hello(tokens.accessToken);
    return { socket, client: product.client.as(tokens.accessToken) };
  };
  const oldPhone = await signIn('old phone', 'IOS');
  const browser = await signIn('browser', 'WEB');
  const newPhone = await signIn('new phone', 'IOS');

  const signedOut = await oldPhone.socket.waitFor((frame) => frame.signedOut !== undefined, OUT_WITHIN_MS);
  expect(signedOut).toEqual({ signedOut: { reason: 'REPLACED' } });
  expect((await oldPhone.socket.closed).code).toBe(4003);
  await vi.waitFor(
    () => expect(oldPhone.client.call('GET', '/v1/me')).rejects.toMatchObject({ reason: 'SESSION_REVOKED' }),
    OUT_WITHIN_MS,
  );
  for (const { socket, client } of [browser, newPhone]) {
    expect(await socket.request('ping', {})).toEqual({});
    await client.call('GET', '/v1/me');
  }
});
