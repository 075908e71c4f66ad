import { expect, test } from 'vitest';
import { type LocalTerms, toLocal } from './local-terms.ts';

const TERMS: LocalTerms = {
  services: ['redis', 'redis-cache', 'kafka'],
  port: (port, service) => (service === undefined ? 10_000 : service.length * 1_000) + (port % 1_000),
  published: (port) => (port === 8081 ? 28_081 : undefined),
  paths: new Map([
    ['/data', '/tmp/x/data'],
    ['/tmp', '/tmp/x/tmp'],
    ['/etc/redis/cache.conf', '/tmp/x/cache.conf'],
  ]),
};

test.each([
  ['redis://:p-w@redis-cache:6379', 'redis://:p-w@127.0.0.1:11379'],
  ['redis://redis:6379,kafka:9092', 'redis://127.0.0.1:5379,127.0.0.1:5092'],
  ['PLAINTEXT://0.0.0.0:9092,1@127.0.0.1:9093', 'PLAINTEXT://127.0.0.1:10092,1@127.0.0.1:10093'],
  ['my-redis:6379 127.0.0.1 redis', 'my-redis:6379 127.0.0.1 redis'],
  ['redis-server /etc/redis/cache.conf', 'redis-server /tmp/x/cache.conf'],
  ['dir /data', 'dir /tmp/x/data'],
  ['dir=/data/im', 'dir=/tmp/x/data/im'],
  ['/database /x/data /tmp/data', '/database /x/data /tmp/x/tmp/data'],
])('%s', (text, expected) => {
  expect(toLocal(text, TERMS, 'container')).toBe(expected);
});

test('an address for clients is the published one', () => {
  expect(toLocal('ws://127.0.0.1:8081/ws', TERMS, 'environment')).toBe('ws://127.0.0.1:28081/ws');
  expect(toLocal('ws://127.0.0.1:8081/ws', TERMS, 'container')).toBe('ws://127.0.0.1:10081/ws');
});
