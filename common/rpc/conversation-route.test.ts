import { expect, test } from 'vitest';
import { partitionOf } from '../utils/murmur2.ts';
import { preferredInstances, ROUTES, routeOf, routeOfPartition } from './conversation-route.ts';

const routes = Array.from({ length: ROUTES }, (_, route) => String(route));

test.each([64, 128, 640])(
  'with %i partitions a conversation and its partition have the same route',
  (count) => {
    for (let id = 1; id < 500; id++) {
      const conversationId = `g:${id}`;
      expect(routeOf(conversationId)).toBe(routeOfPartition(partitionOf(conversationId, count)));
    }
  },
);

test('everybody sees the same order, in whatever order the instances are known', () => {
  for (const route of routes)
    expect(preferredInstances(route, ['a', 'b', 'c'])).toEqual(preferredInstances(route, ['c', 'a', 'b']));
});

test('routes are spread over the instances', () => {
  const instances = ['a', 'b', 'c', 'd'];
  const first = Map.groupBy(routes, (route) => preferredInstances(route, instances)[0]);
  for (const instance of instances) expect(first.get(instance)!.length).toBeGreaterThan(ROUTES / 16);
});

test('when an instance goes, its routes move to the next and no other moves', () => {
  for (const route of routes) {
    const [first, second] = preferredInstances(route, ['a', 'b', 'c']);
    const without = preferredInstances(
      route,
      ['a', 'b', 'c'].filter((name) => name !== 'b'),
    );
    expect(without[0]).toBe(first === 'b' ? second : first);
  }
});
