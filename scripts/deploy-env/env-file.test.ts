import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readServiceKeys, serviceKeyFromSeed } from '@im/common/identity/service-key-text.ts';
import { generateServiceKeys } from '@im/common/identity/service-keys.ts';
import { SERVICE_NAMES } from '@im/common/service/names.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { completeEnvFile, readEnvFile } from './env-file.ts';
import { serviceKeyVariables } from './variables.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'im-env-'));
  file = join(folder, '.env');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('all secrets are made, each another, for nobody else to read', () => {
  const added = completeEnvFile(file);
  const variables = readEnvFile(file);
  expect(Object.keys(variables).sort()).toEqual([...added].sort());
  expect(new Set(Object.values(variables)).size).toBe(added.length);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('the keys are those that services take', () => {
  completeEnvFile(file);
  const variables = readEnvFile(file);
  const half = (part: 'privateKey' | 'publicKey') =>
    SERVICE_NAMES.map((name) => `${name}=${variables[serviceKeyVariables(name)[part]]}`).join(',');
  const keys = readServiceKeys({
    services: SERVICE_NAMES,
    serviceKeys: half('privateKey'),
    servicePublicKeys: half('publicKey'),
  });
  expect(Object.keys(keys)).toEqual([...SERVICE_NAMES]);
  const [{ kid, privateJwk }] = JSON.parse(variables.IM_SIGNING_KEYS ?? '');
  expect(kid).toMatch(/^[\w-]{12}$/);
  expect(serviceKeyFromSeed(privateJwk.d).publicKey).toEqual({ kty: 'OKP', crv: 'Ed25519', x: privateJwk.x });
});

test('again it changes nothing', () => {
  completeEnvFile(file);
  const before = readFileSync(file, 'utf8');
  expect(completeEnvFile(file)).toEqual([]);
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('nor does it while the key of a service is being changed, in either half of the way', () => {
  completeEnvFile(file);
  const old = readEnvFile(file).IM_CHAT_SERVICE_PUBLIC_KEY;
  const next = generateServiceKeys(['chat-service'])['chat-service'];
  const both = `IM_CHAT_SERVICE_PUBLIC_KEY=${old},chat-service=${next.publicKey.x}\n`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^IM_CHAT_SERVICE_PUBLIC_KEY=.*\n/m, both));
  expect(completeEnvFile(file)).toEqual([]);
  const seed = `IM_CHAT_SERVICE_KEY=${next.privateKey.d}\n`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^IM_CHAT_SERVICE_KEY=.*\n/m, seed));
  expect(completeEnvFile(file)).toEqual([]);
});

test('what is there stays to the letter; what is missing or empty is made', () => {
  const own =
    "# mine\nIM_ADMIN_KEY='chosen # by hand, 32 characters or more'\nOTHER=1\nIM_REFRESH_SECRET=\nLAST=2";
  writeFileSync(file, own);
  const added = completeEnvFile(file);
  expect(added).not.toContain('IM_ADMIN_KEY');
  expect(added).toContain('IM_REFRESH_SECRET');
  const text = readFileSync(file, 'utf8');
  expect(text.startsWith("# mine\nIM_ADMIN_KEY='chosen # by hand, 32 characters or more'\nOTHER=1\n")).toBe(
    true,
  );
  expect(text.match(/^IM_REFRESH_SECRET=/gm)).toHaveLength(1);
  expect(readEnvFile(file)).toMatchObject({
    IM_ADMIN_KEY: 'chosen # by hand, 32 characters or more',
    IM_REFRESH_SECRET: expect.stringMatching(/^[\w-]{43}$/),
    OTHER: '1',
    LAST: '2',
  });
});

test('a public key that is missing is that of the private one', () => {
  completeEnvFile(file);
  const { privateKey, publicKey } = serviceKeyVariables('chat-service');
  const { [publicKey]: known = '', [privateKey]: secret } = readEnvFile(file);
  writeFileSync(file, readFileSync(file, 'utf8').replace(`${publicKey}='${known}'\n`, ''));
  expect(completeEnvFile(file)).toEqual([publicKey]);
  expect(readEnvFile(file)).toMatchObject({ [publicKey]: known, [privateKey]: secret });
});

test('halves that do not fit are refused, and nothing is written', () => {
  completeEnvFile(file);
  const variables = readEnvFile(file);
  const another = variables.IM_CHAT_SERVICE_PUBLIC_KEY ?? '';
  const text = readFileSync(file, 'utf8');
  const wrong = text.replace(variables.IM_USER_SERVICE_PUBLIC_KEY ?? '', another);
  writeFileSync(file, wrong);
  expect(() => completeEnvFile(file)).toThrow(
    'IM_USER_SERVICE_PUBLIC_KEY does not belong to IM_USER_SERVICE_KEY',
  );
  const alone = text.replace(/^IM_USER_SERVICE_KEY=.*\n/m, '').replace(/^IM_ADMIN_KEY=.*\n/m, '');
  writeFileSync(file, alone);
  expect(() => completeEnvFile(file)).toThrow(
    'IM_USER_SERVICE_PUBLIC_KEY is there without IM_USER_SERVICE_KEY',
  );
  expect(readFileSync(file, 'utf8')).toBe(alone);
});
