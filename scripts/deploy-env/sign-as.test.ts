import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateServiceKeys, publicServiceKeys } from '@im/common/identity/service-keys.ts';
import { createServiceTokenVerifier } from '@im/common/identity/service-tokens.ts';
import { SERVICE_NAMES, type ServiceName } from '@im/common/service/names.ts';
import { afterAll, expect, test } from 'vitest';
import { completeEnvFile, readEnvFile } from './env-file.ts';
import { readTokenRequest, signAs } from './sign-as.ts';

const folder = mkdtempSync(join(tmpdir(), 'im-token-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ASKED = ['--as', 'api-gateway', '--for', 'user-service'];

async function tokenOf(args: readonly string[], env: Record<string, string>): Promise<string> {
  const request = readTokenRequest(args, env);
  if (request === 'help') throw new Error('nobody asked for help');
  return await signAs(request);
}

function verifierOf(service: ServiceName, x: string, now = Date.now) {
  const publicKeysByService = { 'api-gateway': [{ kty: 'OKP', crv: 'Ed25519', x }] };
  return createServiceTokenVerifier({ service, publicKeysByService, now });
}

test("with an env file: the token is the service's, for the one it names, for 60 s", async () => {
  const file = join(folder, '.env');
  completeEnvFile(file);
  const x = readEnvFile(file).IM_API_GATEWAY_PUBLIC_KEY ?? '';
  const token = await tokenOf([...ASKED, '--env', file], {});
  expect(await verifierOf('user-service', x).verify(token)).toBe('api-gateway');
  await expect(verifierOf('chat-service', x).verify(token)).rejects.toThrow('not valid');
  const later = () => Date.now() + 61_000;
  await expect(verifierOf('user-service', x, later).verify(token)).rejects.toThrow('not valid');
});

test('with the key that a service has in its environment', async () => {
  const keys = generateServiceKeys(SERVICE_NAMES);
  const IM_SERVICE_KEYS = `chat-service=${keys['chat-service'].privateKey.d}, api-gateway=${keys['api-gateway'].privateKey.d}`;
  const publicKeysByService = publicServiceKeys(keys);
  const verifier = createServiceTokenVerifier({
    service: 'user-service',
    publicKeysByService,
    now: Date.now,
  });
  expect(await verifier.verify(await tokenOf(ASKED, { IM_SERVICE_KEYS }))).toBe('api-gateway');
});

test('what cannot be done is said, without a key in it', async () => {
  await expect(tokenOf(ASKED, {})).rejects.toThrow('there is no key of api-gateway');
  const rejected = tokenOf(ASKED, { IM_SERVICE_KEYS: 'api-gateway=short-secret' });
  await expect(rejected).rejects.toThrow(/^the key of api-gateway must be 32 bytes in base64url$/);
  expect(() => readTokenRequest(['--as', 'usr-service', '--for', 'user-service'], {})).toThrow(
    '--as: there is no service "usr-service", did you mean user-service?',
  );
  expect(() => readTokenRequest(['--as', 'user-service'], {})).toThrow('--for <service> is needed');
  expect(readTokenRequest(['--help'], {})).toBe('help');
});
