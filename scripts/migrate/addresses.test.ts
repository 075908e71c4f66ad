import { MODULES } from '@im/server';
import { expect, test } from 'vitest';
import { addressesOf } from './addresses.ts';

const moduleOf = (name: string) => MODULES.find((module) => module.name === name)!;
const chat = moduleOf('chat-service');
const auth = moduleOf('auth-service');

test('a schema for each service, with an account of its own where the address says so', () => {
  const one = addressesOf({ mysql: 'mysql://root:pw@db:3306/im_{service}' }, {});
  expect(one.schemaOf(chat)).toBe('mysql://root:pw@db:3306/im_chat');
  const env = {
    IM_DATABASE: 'mysql://im_{service}:{password}@db/im_{service}',
    IM_MYSQL_CHAT_PASSWORD: 'a/b$&',
  };
  expect(addressesOf({}, env).schemaOf(chat)).toBe('mysql://im_chat:a%2Fb%24%26@db/im_chat');
  expect(() => addressesOf({}, env).schemaOf(moduleOf('user-service'))).toThrow(
    /IM_MYSQL_USER_PASSWORD is not/,
  );
});

test.each(['', 'sqlite', 'mysql://root@db/im', 'postgres://db/im_{service}'])('%j is no address', (mysql) => {
  expect(() => addressesOf({ mysql }, {}).schemaOf(chat)).toThrow(/--mysql/);
});

test('sessions are where the services are told they are', () => {
  const given = addressesOf({ sessions: 'redis://a' }, { IM_SESSIONS: 'redis://b' });
  expect(given.settingsOf(auth)).toMatchObject({ sessions: { url: 'redis://a' } });
  expect(addressesOf({}, { IM_SESSIONS: 'redis://b' }).settingsOf(auth)).toMatchObject({
    sessions: { url: 'redis://b' },
  });
  expect(() => addressesOf({}, {}).settingsOf(auth)).toThrow(/--sessions: sessions: must be/);
});
