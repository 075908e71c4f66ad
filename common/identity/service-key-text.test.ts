import type { JWK } from 'jose';
import { expect, test } from 'vitest';
import { SERVICE_NAMES, type ServiceName } from '../service/names.ts';
import { readServiceKeys, serviceKeyFromSeed, serviceKeyText } from './service-key-text.ts';
import { generateServiceKeys, publicServiceKeys } from './service-keys.ts';

const all = generateServiceKeys(SERVICE_NAMES);
const servicePublicKeys = serviceKeyText(publicServiceKeys(all) as Record<ServiceName, JWK>, 'x');
const seedOf = (name: ServiceName) => serviceKeyText({ [name]: all[name].privateKey }, 'd');

test('a seed gives both halves of the key', () => {
  const { privateKey, publicKey } = all['user-service'];
  expect(serviceKeyFromSeed(privateKey.d!)).toEqual({ privateKey, publicKey });
});

test('a process knows every public key and the private ones of its own services', () => {
  const keys = readServiceKeys({
    services: ['chat-service'],
    serviceKeys: seedOf('chat-service'),
    servicePublicKeys,
  });
  expect(Object.keys(keys).sort()).toEqual([...SERVICE_NAMES].sort());
  expect(keys['chat-service']).toEqual(all['chat-service']);
  expect(keys['user-service']).toEqual({ publicKey: all['user-service'].publicKey, privateKey: undefined });
});

test.each([
  ['a key is missing', '', servicePublicKeys, 'serviceKeys: the key of chat-service is missing'],
  [
    'a public key is missing',
    seedOf('chat-service'),
    'user-service=x',
    'servicePublicKeys: the key of user-service',
  ],
  ['none is public', seedOf('chat-service'), '', 'servicePublicKeys: user-service is missing'],
  ['a name is wrong', 'chat=abc', servicePublicKeys, 'serviceKeys: there is no service "chat"'],
  [
    'a key is short',
    'chat-service=abc',
    servicePublicKeys,
    'serviceKeys: the key of chat-service must be 32 bytes',
  ],
  [
    'it is the key of another',
    seedOf('user-service').replace('user-service', 'chat-service'),
    servicePublicKeys,
    'not the one that servicePublicKeys names',
  ],
])('refused, without telling any key, where %s', (_why, serviceKeys, publicKeys, sentence) => {
  const read = () =>
    readServiceKeys({ services: ['chat-service'], serviceKeys, servicePublicKeys: publicKeys });
  expect(read).toThrow(sentence);
  for (const { privateKey } of Object.values(all)) {
    expect(() => read()).not.toThrow(privateKey.d!);
  }
});
