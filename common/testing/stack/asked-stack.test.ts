import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stackAddresses } from '../stack-addresses.ts';
import { ASK_AT, answerStack, isAsked } from './asked-stack.ts';

const addresses = {
  mysqlUrl: 'mysql://root@h',
  redisUrl: 'redis://h',
  sessionRedisUrl: 'redis://s',
  kafkaBrokers: 'h:1',
  etcdHosts: 'h:2',
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'im-asked-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('who asks gets the answer of the run, and the run sees that it was asked', () => {
  answerStack(folder, { addresses });
  expect(isAsked(folder)).toBe(false);
  expect(stackAddresses({ [ASK_AT]: folder })).toEqual(addresses);
  expect(isAsked(folder)).toBe(true);
});

test('a run without servers answers that', () => {
  answerStack(folder, {});
  expect(stackAddresses({ [ASK_AT]: folder })).toBeUndefined();
});

test('servers that do not start are no reason to leave the tests out', () => {
  answerStack(folder, { failure: 'Kafka is not ready' });
  expect(() => stackAddresses({ [ASK_AT]: folder })).toThrow('Kafka is not ready');
});

test('outside a run the environment alone counts', () => {
  expect(stackAddresses({})).toBeUndefined();
  const env = {
    IM_TEST_MYSQL_URL: addresses.mysqlUrl,
    IM_TEST_REDIS_URL: addresses.redisUrl,
    IM_TEST_KAFKA_BROKERS: addresses.kafkaBrokers,
    IM_TEST_ETCD_HOSTS: addresses.etcdHosts,
  };
  expect(stackAddresses(env)).toEqual({ ...addresses, sessionRedisUrl: addresses.redisUrl });
  expect(stackAddresses({ ...env, IM_TEST_SESSION_REDIS_URL: 'redis://s' })).toEqual(addresses);
});
