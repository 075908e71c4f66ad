import { expect, test } from 'vitest';
import { rendezvousOrder } from './rendezvous.ts';

const KEYS = Array.from({ length: 4_000 }, (_, index) => `g:${index}`);

function order(key: string, nodes: readonly string[]): string[] {
  return rendezvousOrder(key, nodes, (node) => node);
}

function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `10.0.0.${index + 1}:7000`);
}

test('the order does not depend on how the nodes are given, and holds all of them', () => {
  const nodes = addresses(7);
  for (const key of KEYS.slice(0, 50)) {
    expect(order(key, nodes.toReversed())).toEqual(order(key, nodes));
    expect(order(key, nodes).toSorted()).toEqual(nodes.toSorted());
  }
  expect(order('key', [])).toEqual([]);
});

test('the order stays the same from release to release', () => {
  // Instances of two releases run side by side and must agree.
  expect(order('0', addresses(4))).toMatchInlineSnapshot(`
    [
      "10.0.0.1:7000",
      "10.0.0.4:7000",
      "10.0.0.2:7000",
      "10.0.0.3:7000",
    ]
  `);
  expect(order('g:5', ['a', 'b', 'c'])).toMatchInlineSnapshot(`
    [
      "a",
      "c",
      "b",
    ]
  `);
});

test.each([2, 3, 10])('keys spread evenly over %d nodes', (count) => {
  const firsts = new Map<string, number>();
  for (const key of KEYS) {
    const [first = ''] = order(key, addresses(count));
    firsts.set(first, (firsts.get(first) ?? 0) + 1);
  }
  expect(firsts.size).toBe(count);
  const fair = KEYS.length / count;
  for (const keys of firsts.values()) {
    expect(keys).toBeGreaterThan(fair * 0.8);
    expect(keys).toBeLessThan(fair * 1.2);
  }
});

test('the few routes of conversations spread over a few nodes too', () => {
  const firsts = new Set(Array.from({ length: 64 }, (_, route) => order(String(route), addresses(3))[0]));
  expect(firsts.size).toBe(3);
});

test('when a node goes only its own keys move, each to the next of its order', () => {
  const nodes = addresses(5);
  for (const key of KEYS) {
    const before = order(key, nodes);
    const without = order(
      key,
      nodes.filter((node) => node !== nodes[2]),
    );
    expect(without).toEqual(before.filter((node) => node !== nodes[2]));
  }
});
