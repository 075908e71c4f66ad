import { expect, test } from 'vitest';
import { userConfig } from './config.ts';
import { createPasswordHasher } from './password-hasher.ts';

const CHEAP = { memoryKiB: 8, passes: 1, parallelism: 1 };

test('by default passwords are hashed as OWASP asks, each with a salt of its own', async () => {
  const passwords = createPasswordHasher(userConfig.parse({}).password);
  const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(other);
  expect(await passwords.verify('correct horse', one)).toBe(true);
  expect(await passwords.verify('correct horsf', one)).toBe(false);
});

test('without a stored password nothing is right', async () => {
  const passwords = createPasswordHasher(CHEAP);
  expect(await passwords.verify('', undefined)).toBe(false);
  expect(await passwords.verify('anything', null)).toBe(false);
});

test('a hash of another cost still verifies and is outdated', async () => {
  const before = await createPasswordHasher(CHEAP).hash('correct horse');
  const passwords = createPasswordHasher({ ...CHEAP, passes: 2 });
  expect(await passwords.verify('correct horse', before)).toBe(true);
  expect(passwords.isOutdated(before)).toBe(true);
  expect(passwords.isOutdated(await passwords.hash('correct horse'))).toBe(false);
});

test('a password is its characters, however they were composed', async () => {
  const passwords = createPasswordHasher(CHEAP);
  expect(await passwords.verify('cafe\u0301 noir', await passwords.hash('café noir'))).toBe(true);
});

test('a stored text that is no password is a fault, not a match', async () => {
  await expect(createPasswordHasher(CHEAP).verify('x', 'plain')).rejects.toThrow('argon2id');
});
