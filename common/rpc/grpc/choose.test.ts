import { expect, test } from 'vitest';
import type { Instance } from '../../registry/registry.ts';
import { type BalancedCall, createRoundRobin } from './balancer.ts';
import { createChooser } from './choose.ts';

const CALL: BalancedCall = {
  target: 'user-service',
  method: 'im.user.v1.UserService/GetUser',
  kind: 'unary',
};
const ANY = { instance: undefined };

function instances(count: number): Instance[] {
  return Array.from({ length: count }, (_, i) => ({ address: `10.0.0.${i}:7000`, bootId: `boot-${i}` }));
}

/** The addresses that `calls` calls go to. */
function chosen(self: string, list: readonly Instance[], calls: number, out: (address: string) => boolean) {
  const chooser = createChooser(createRoundRobin(), self);
  const addresses = Array.from({ length: calls }, () => chooser.choose(list, ANY, CALL, out)?.address);
  return new Set(addresses);
}

const nobody = () => false;

test('a process talks to a few of many instances, each process to its own', () => {
  const list = instances(100);
  const first = chosen('process 1', list, 200, nobody);
  expect(first.size).toBe(32);
  const all = new Set(
    Array.from({ length: 20 }, (_, i) => [...chosen(`process ${i}`, list, 200, nobody)]).flat(),
  );
  expect(all.size).toBe(100);
});

test('where all of its few are out, the others do', () => {
  const list = instances(40);
  const few = chosen('process 1', list, 100, nobody);
  const rest = chosen('process 1', list, 100, (address) => few.has(address));
  expect(rest.size).toBe(8);
});

test('a route may lead to any of many, and is the same for all processes', () => {
  const list = instances(100);
  const choosers = ['process 1', 'process 2'].map((self) => createChooser(createRoundRobin(), self));
  const homes = new Set<string | undefined>();
  for (let route = 0; route < 400; route++) {
    const call = { ...ANY, routeKey: String(route) };
    const [one, two] = choosers.map((chooser) => chooser.choose(list, call, CALL, nobody)?.address);
    expect(one).toBe(two);
    homes.add(one);
  }
  expect(homes.size).toBeGreaterThan(90);
});

test('one instance that is wanted is that or none', () => {
  const chooser = createChooser(createRoundRobin(), 'process 1');
  const list = instances(100);
  const wanted = { instance: 'boot-77' };
  expect(chooser.choose(list, wanted, CALL, nobody)?.address).toBe('10.0.0.77:7000');
  expect(chooser.choose(list, wanted, CALL, (address) => address === '10.0.0.77:7000')).toBeUndefined();
  expect(chooser.choose(list, { instance: 'boot-100' }, CALL, nobody)).toBeUndefined();
  expect(chooser.choose([], ANY, CALL, nobody)).toBeUndefined();
});
