import { exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { START, startAuthProcess } from '../testing/auth-process.ts';

test('a published key verifies an access token with a plain JWT library', async () => {
  const auth = await startAuthProcess();
  try {
    const { tokens, session } = await auth.login('42', 'phone');
    const { keys } = await auth.gateway.listKeys({});
    expect(keys).toMatchObject([{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' }]);
    const key = await importJWK({ kty: keys[0]!.kty, crv: keys[0]!.crv, x: keys[0]!.x }, 'EdDSA');
    const verified = await jwtVerify(tokens.accessToken, key, {
      algorithms: ['EdDSA'],
      issuer: 'im-backend',
      currentDate: new Date(auth.clock.at),
    });
    expect(verified.protectedHeader).toEqual({ alg: 'EdDSA', kid: keys[0]!.kid, typ: 'JWT' });
    const iat = Math.ceil(START / 1_000);
    expect(verified.payload).toEqual({
      iss: 'im-backend',
      sub: '42',
      platform: 'WEB',
      sid: session.sessionId,
      iat,
      exp: iat + 900,
    });
  } finally {
    await auth.process.stop();
  }
});

test('configured keys are all published; a new one signs 10 minutes after it was', async () => {
  const signingKeys = [
    { kid: 'new', privateJwk: await privateJwk(), publishedAt: new Date(START).toISOString() },
    { kid: 'old', privateJwk: await privateJwk() },
  ];
  const auth = await startAuthProcess({ signingKeys });
  try {
    expect((await auth.gateway.listKeys({})).keys.map((key) => key.kid)).toEqual(['new', 'old']);
    const kidNow = async () => {
      const { tokens } = await auth.login('1', 'phone');
      return JSON.parse(Buffer.from(tokens.accessToken.split('.')[0] ?? '', 'base64url').toString()).kid;
    };
    expect(await kidNow()).toBe('old');
    auth.clock.at += 10 * 60_000;
    expect(await kidNow()).toBe('new');
  } finally {
    await auth.process.stop();
  }
});

async function privateJwk() {
  const { x, d } = await exportJWK(
    (await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })).privateKey,
  );
  return { kty: 'OKP', crv: 'Ed25519', x, d };
}
