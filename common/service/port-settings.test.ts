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
  });
  expect(busSetting.parse('kafka://a:9092/other')).toMatchObject({ brokers: ['a:9092'], topic: 'other' });
  expect(registrySetting.parse('etcd://a:2379,[::1]:2379')).toEqual({
    engine: 'etcd',
    hosts: ['a:2379', '[::1]:2379'],
    keyPrefix: '',
  });
  expect(registrySetting.parse('etcd://a:2379/one/')).toMatchObject({ keyPrefix: 'one/' });
});

test.each([
  [databaseSetting, 'mysql://root:hush@db:3306'],
  [databaseSetting, 'postgres://root:hush@db/im'],
  [cacheSetting, 'http://hush@cache'],
  [busSetting, 'kafka://hush'],
  [busSetting, 'a:9092'],
  [registrySetting, 'etcd://hush'],
])('what is no address is refused without telling it', (setting, text) => {
  const { error } = setting.safeParse(text);
  expect(error?.message).toContain('must be');
  expect(error?.message).not.toContain('hush');
});
