import { expect, test } from 'vitest';
import { SERVICE_NAMES, type ServiceName } from '../service/names.ts';
import { readServiceKeys, serviceKeyFromSeed, serviceKeyText } from './service-key-text.ts';
import { generateServiceKeys, publicServiceKeys } from './service-keys.ts';

const all = generateServiceKeys(SERVICE_NAMES);
const servicePublicKeys = serviceKeyText(publicServiceKeys(all), 'x');
const seedOf = (name: ServiceName) => serviceKeyText({ [name]: [all[name].privateKey] }, 'd');

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
  expect(keys['chat-service']).toEqual({ ...all['chat-service'], otherPublicKeys: [] });
  expect(keys['user-service']).toEqual({
    publicKey: all['user-service'].publicKey,
    privateKey: undefined,
    otherPublicKeys: [],
  });
});

test('while keys are being changed a service has two public ones, of which one is its own', () => {
  const next = generateServiceKeys(SERVICE_NAMES);
  const both = `${servicePublicKeys},${serviceKeyText(publicServiceKeys(next), 'x')}`;
  const read = (serviceKeys: string) =>
    publicServiceKeys(readServiceKeys({ services: ['chat-service'], serviceKeys, servicePublicKeys: both }));
  const [old, young] = [all, next].map((keys) => keys['chat-service'].publicKey);
  expect(read(seedOf('chat-service'))['chat-service']).toEqual([old, young]);
  const nextSeed = serviceKeyText({ 'chat-service': [next['chat-service'].privateKey] }, 'd');
  expect(read(nextSeed)['chat-service']).toEqual([young, old]);
  expect(read(nextSeed)['user-service']).toHaveLength(2);
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
    'not one that servicePublicKeys names',
  ],
  [
    'it has two to sign with',
    `${seedOf('chat-service')},${seedOf('chat-service')}`,
    servicePublicKeys,
    'signs with one key',
  ],
])('refused, without telling any key, where %s', (_why, serviceKeys, publicKeys, sentence) => {
  const read = () =>
    readServiceKeys({ services: ['chat-service'], serviceKeys, servicePublicKeys: publicKeys });
  expect(read).toThrow(sentence);
  for (const { privateKey } of Object.values(all)) {
    expect(() => read()).not.toThrow(privateKey.d!);
  }
});
