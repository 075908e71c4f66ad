import { expect, test } from 'vitest';
import { busSetting, cacheSetting, databaseSetting, registrySetting } from './port-settings.ts';

test('without settings nothing outside the process is used', () => {
  expect(databaseSetting.parse(undefined)).toEqual({ engine: 'sqlite' });
  expect(cacheSetting.parse(undefined)).toEqual({ engine: 'memory' });
  expect(busSetting.parse(undefined)).toEqual({ engine: 'local' });
  expect(registrySetting.parse(undefined)).toEqual({ engine: 'none' });
});

test('addresses of servers', () => {
  const mysql = 'mysql://user:p%40ss@db:3306/im_user';
  expect(databaseSetting.parse(mysql)).toEqual({ engine: 'mysql', url: mysql });
  expect(cacheSetting.parse('redis://:secret@cache:6379')).toEqual({
    engine: 'redis',
    url: 'redis://:secret@cache:6379',
    keyPrefix: 'im:',
  });
  expect(cacheSetting.parse('redis://cache:6379/1?prefix=a:')).toEqual({
    engine: 'redis',
    url: 'redis://cache:6379/1',
    keyPrefix: 'a:',
  });
  expect(busSetting.parse('kafka://a:9092,b:9092')).toEqual({
    engine: 'kafka',
    brokers: ['a:9092', 'b:9092'],
    topic: 'im.events',
    tls: false,
    login: undefined,
  });
  expect(busSetting.parse('kafka://a:9092/other')).toMatchObject({ brokers: ['a:9092'], topic: 'other' });
  expect(registrySetting.parse('etcd://a:2379,[::1]:2379')).toEqual({
    engine: 'etcd',
    hosts: ['a:2379', '[::1]:2379'],
    keyPrefix: '',
    tls: false,
    login: undefined,
  });
  expect(registrySetting.parse('etcd://a:2379/one/')).toMatchObject({ keyPrefix: 'one/' });
});

test('servers that are reached over TLS, and those that ask who is there', () => {
  const login = { username: 'im', password: 'p@ss:/1' };
  expect(busSetting.parse('kafkas://im:p%40ss%3A%2F1@a:9093,b:9093/one')).toEqual({
    engine: 'kafka',
    brokers: ['a:9093', 'b:9093'],
    topic: 'one',
    tls: true,
    login,
  });
  expect(registrySetting.parse('etcd://im:p%40ss%3A%2F1@a:2379')).toMatchObject({ tls: false, login });
  expect(registrySetting.parse('etcds://a:2379/one/')).toMatchObject({
    hosts: ['a:2379'],
    keyPrefix: 'one/',
    tls: true,
    login: undefined,
  });
});

test.each([
  [databaseSetting, 'mysql://root:hush@db:3306'],
  [databaseSetting, 'postgres://root:hush@db/im'],
  [cacheSetting, 'http://hush@cache'],
  [busSetting, 'kafka://hush'],
  [busSetting, 'a:9092'],
  [busSetting, 'kafka://im:hush@a:9092/one two'],
  [busSetting, 'kafkass://im:hush@a:9092'],
  [registrySetting, 'etcd://im:hu%sh@a:2379'],
  [registrySetting, 'etcd://im@a:2379'],
  [registrySetting, 'https://im:hush@a:2379'],
  [registrySetting, 'etcd://hush'],
])('what is no address is refused without telling it', (setting, text) => {
  const { error } = setting.safeParse(text);
  expect(error?.message).toContain('must be');
  expect(error?.message).not.toContain('hush');
});
