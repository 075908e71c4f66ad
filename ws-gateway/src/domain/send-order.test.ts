import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSendOrder, GROUP_MOST_BYTES, GROUP_MOST_SENDS, HOLD_MS, isMomentary } from './send-order.ts';

function send(clientMsgId: string, bytes = 100) {
  return { clientMsgId, bytes };
}

test('what arrives while a group is in flight goes with the next', () => {
  const order = createSendOrder();
  const [a, b, c] = [send('a'), send('b'), send('c')];
  order.arrive(a, 0);
  order.arrive(b, 0);
  expect(order.nextGroup()).toEqual([a, b]);
  order.arrive(c, 0);
  expect(order.nextGroup()).toBeUndefined();
  order.settle(b, 'final', 0);
  expect(order.nextGroup()).toBeUndefined();
  order.settle(a, 'final', 0);
  expect(order.nextGroup()).toEqual([c]);
  expect(order.isIdle(0)).toBe(false);
  order.settle(c, 'final', 0);
  expect(order.isIdle(0)).toBe(true);
});

test('a group is bounded in number and size, what does not fit is the next', () => {
  const order = createSendOrder();
  const many = Array.from({ length: GROUP_MOST_SENDS + 1 }, (_, index) => send(String(index)));
  for (const one of many) order.arrive(one, 0);
  const group = order.nextGroup()!;
  expect(group).toEqual(many.slice(0, -1));
  for (const one of group) order.settle(one, 'final', 0);
  expect(order.nextGroup()).toEqual(many.slice(-1));
  order.settle(many.at(-1)!, 'final', 0);
  const large = [send('a', GROUP_MOST_BYTES * 2), send('b'), send('c', GROUP_MOST_BYTES)];
  for (const one of large) order.arrive(one, 0);
  expect(order.nextGroup()).toEqual(large.slice(0, 1));
  order.settle(large[0]!, 'final', 0);
  expect(order.nextGroup()).toEqual(large.slice(1, 2));
});

test('a final refusal keeps nothing out', () => {
  const order = createSendOrder();
  const [a, b] = [send('a'), send('b')];
  order.arrive(a, 0);
  order.nextGroup();
  order.arrive(b, 0);
  expect(order.settle(a, 'final', 0)).toEqual([]);
  expect(order.arrive(send('c'), 0)).toBe(true);
  expect(order.nextGroup()).toHaveLength(2);
});

test('a momentary refusal takes everything behind it along, and nothing before it', () => {
  const order = createSendOrder();
  const [a, b, c, d] = [send('a'), send('b'), send('c'), send('d')];
  for (const one of [a, b, c]) order.arrive(one, 0);
  order.nextGroup();
  order.arrive(d, 0);
  expect(order.settle(b, 'momentary', 0)).toEqual([c, d]);
  expect(order.isIdle(0)).toBe(false);
  expect(order.settle(a, 'final', 0)).toEqual([]);
  expect(order.nextGroup()).toBeUndefined();
});

test('after a momentary refusal others are kept out until that one comes again', () => {
  const order = createSendOrder();
  const a = send('a');
  order.arrive(a, 0);
  order.nextGroup();
  order.settle(a, 'momentary', 1_000);
  expect(order.arrive(send('b'), 1_001)).toBe(false);
  expect(order.isIdle(1_001)).toBe(false);
  const again = send('a');
  expect(order.arrive(again, 1_002)).toBe(true);
  const b = send('b');
  expect(order.arrive(b, 1_003)).toBe(true);
  expect(order.nextGroup()).toEqual([again, b]);
});

test('they are kept out for two seconds at most', () => {
  const order = createSendOrder();
  const a = send('a');
  order.arrive(a, 0);
  order.settle(a, 'momentary', 1_000);
  expect(order.arrive(send('b'), 1_000 + HOLD_MS - 1)).toBe(false);
  expect(order.arrive(send('b'), 1_000 + HOLD_MS)).toBe(true);
});

test('the earliest refused one is waited for, also when it is refused later', () => {
  const order = createSendOrder();
  const [a, b] = [send('a'), send('b')];
  order.arrive(a, 0);
  order.arrive(b, 0);
  order.nextGroup();
  order.settle(b, 'momentary', 0);
  order.settle(a, 'momentary', 0);
  expect(order.arrive(send('b'), 1)).toBe(false);
  expect(order.arrive(send('a'), 1)).toBe(true);
});

test('a result for what is settled already changes nothing', () => {
  const order = createSendOrder();
  const [a, b] = [send('a'), send('b')];
  order.arrive(a, 0);
  order.nextGroup();
  order.settle(a, 'final', 0);
  order.arrive(b, 0);
  expect(order.settle(a, 'momentary', 0)).toEqual([]);
  expect(order.nextGroup()).toEqual([b]);
});

test('reasons of a moment are overload, deadline and abort', () => {
  expect(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'ABORTED'].every(isMomentary)).toBe(true);
  expect(['PERMISSION_DENIED', 'ALREADY_EXISTS', 'INTERNAL', 'NOT_FOUND'].some(isMomentary)).toBe(false);
});

/**
 * A client that sends m0 … mN one after another and repeats, in order, what is
 * refused, against a store that stores a group in order and refuses now and
 * then from some member on: what is stored must be in the client's order.
 */
test('whatever is refused for a moment, repeating it in order keeps the order', () => {
  const step = fc.oneof(
    fc.constant({ kind: 'send' as const }),
    fc.constant({ kind: 'group' as const }),
    fc.record({ kind: fc.constant('store' as const), upTo: fc.nat(5) }),
    fc.constant({ kind: 'expire' as const }),
    fc.constant({ kind: 'repeat' as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const order = createSendOrder<ReturnType<typeof send>>();
      const stored: string[] = [];
      let unanswered: ReturnType<typeof send>[] = [];
      let refused: string[] = [];
      let group: ReturnType<typeof send>[] = [];
      let next = 0;

      const arrive = (clientMsgId: string) => {
        const one = send(clientMsgId);
        if (order.arrive(one, 0)) unanswered.push(one);
        else refused.push(clientMsgId);
      };
      const refuse = (one: ReturnType<typeof send>) => {
        const all = [one, ...order.settle(one, 'momentary', 0)];
        unanswered = unanswered.filter((other) => !all.includes(other));
        refused.push(...all.map(({ clientMsgId }) => clientMsgId));
      };
      const repeat = () => {
        const again = refused.sort((a, b) => Number(a) - Number(b));
        refused = [];
        for (const clientMsgId of again) arrive(clientMsgId);
      };
      const store = (upTo: number) => {
        const members = group;
        group = [];
        for (const [index, one] of members.entries()) {
          if (!unanswered.includes(one)) {
            // Given up by the gateway, stored nevertheless: its answer is dropped.
            if (!stored.includes(one.clientMsgId)) stored.push(one.clientMsgId);
          } else if (index < upTo) {
            if (!stored.includes(one.clientMsgId)) stored.push(one.clientMsgId);
            order.settle(one, 'final', 0);
            unanswered = unanswered.filter((other) => other !== one);
          } else {
            return refuse(one);
          }
        }
      };

      for (const { kind, ...rest } of steps) {
        if (kind === 'send') {
          // A client repeats what it knows to be refused before it sends anything new.
          repeat();
          arrive(String(next++));
        } else if (kind === 'group') {
          if (group.length === 0) group = order.nextGroup() ?? [];
        } else if (kind === 'store') {
          store((rest as { upTo: number }).upTo);
        } else if (kind === 'expire') {
          const [oldest] = unanswered;
          if (oldest !== undefined) refuse(oldest);
        } else {
          repeat();
        }
      }
      expect(stored).toEqual([...stored].sort((a, b) => Number(a) - Number(b)));
    }),
    { numRuns: 500 },
  );
});
