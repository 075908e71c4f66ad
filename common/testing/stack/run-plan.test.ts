import { expect, test } from 'vitest';
import type { Program } from './programs.ts';
import { planOf, whatWasTested } from './run-plan.ts';
import type { ProgramKind } from './server-kinds.ts';

const everything = (kind: ProgramKind): Program => ({
  kind,
  launch: { file: kind, args: [], env: {} },
  version: `${kind} 1`,
});
const nothing = () => undefined;
const onlyRedis = (kind: ProgramKind) => (kind === 'redis' ? everything(kind) : undefined);

const given = {
  IM_TEST_MYSQL_URL: 'mysql://h',
  IM_TEST_REDIS_URL: 'redis://h',
  IM_TEST_KAFKA_BROKERS: 'h:1',
  IM_TEST_ETCD_HOSTS: 'h:2',
};

test('servers that are given are taken, whatever this machine has', () => {
  const plan = planOf(given, nothing);
  expect(whatWasTested(plan, true, false)).toBe(
    'one process and cluster (MySQL, Redis, Kafka, etcd as given)',
  );
});

test('servers that this machine can run are started', () => {
  const plan = planOf({}, everything);
  expect(plan.way).toBe('start');
  expect(whatWasTested(plan, true, true)).toBe('one process and cluster (mysql 1, redis 1, kafka 1, etcd 1)');
  expect(whatWasTested(plan, true, false)).toBe('one process; the servers of the cluster did not start');
});

test('only those that are not given are started', () => {
  const { IM_TEST_REDIS_URL: _, ...others } = given;
  const plan = planOf(others, onlyRedis);
  expect(plan).toMatchObject({ way: 'start', given: { mysql: 'mysql://h', kafka: 'h:1', etcd: 'h:2' } });
  expect(whatWasTested(plan, true, true)).toBe(
    'one process and cluster (mysql as given, redis 1, kafka as given, etcd as given)',
  );
});

test('where one is missing the cluster is left out, and the line says what to do', () => {
  const plan = planOf({}, onlyRedis);
  expect(whatWasTested(plan, true, false)).toBe(
    'one process; the cluster was left out: no mysql, kafka, etcd (npm run test:all fetches them)',
  );
});

test('where they are required, one that is missing fails the run', () => {
  expect(() => planOf({ IM_TEST_STACK: 'required' }, onlyRedis)).toThrow('no mysql, kafka, etcd');
  expect(planOf({ IM_TEST_STACK: 'required' }, everything).way).toBe('start');
});

test('they can be left out on purpose, also when they are given', () => {
  const plan = planOf({ ...given, IM_TEST_STACK: 'off' }, everything);
  expect(whatWasTested(plan, true, false)).toBe('one process; the cluster was left out: IM_TEST_STACK=off');
});

test('a run in which nothing asked for a cluster does not claim one', () => {
  expect(whatWasTested(planOf({}, everything), false, false)).toMatch(/^one process; nothing/);
  expect(whatWasTested(planOf(given, nothing), false, false)).toMatch(/^one process; nothing/);
});
