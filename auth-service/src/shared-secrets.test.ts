import { expect, test } from 'vitest';
import { authConfig } from './config.ts';
import { requireSharedSecrets } from './shared-secrets.ts';

const x = 'A'.repeat(43);
const complete = {
  sessions: 'redis://sessions:6379',
  refreshSecret: 's'.repeat(32),
  signingKeys: [{ kid: '1', privateJwk: { kty: 'OKP', crv: 'Ed25519', x, d: x } }],
};

test('with everything that instances share it may be one of many', () => {
  requireSharedSecrets(authConfig.parse(complete), 'auth.yaml');
});

test.each(['sessions', 'refreshSecret', 'signingKeys'])('without %s it refuses to be one of many', (key) => {
  const config = authConfig.parse({ ...complete, [key]: undefined });
  expect(() => requireSharedSecrets(config, 'auth.yaml')).toThrow(`auth.yaml: ${key}: must be`);
});
