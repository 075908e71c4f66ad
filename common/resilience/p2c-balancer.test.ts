import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instance } from '../registry/registry.ts';
import type { BalancedCall, CallOutcome } from '../rpc/grpc/balancer.ts';
import { createP2cBalancer } from './p2c-balancer.ts';

const call: BalancedCall = {
  target: 'user-service',
  method: 'im.user.v1.UserService/GetUser',
  kind: 'unary',
};
const hosts = (count: number): Instance[] =>
  Array.from({ length: count }, (_, i) => ({ address: `10.0.0.${i}:80`, bootId: undefined }));

/** Repeats itself, so that a failing run can be looked at. */
function pseudoRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function balancer(seed = 1) {
  const world = { now: 1_000 };
  const under = createP2cBalancer({ clock: () => world.now, random: pseudoRandom(seed) });
  return Object.assign(world, under, {
    /** A call a millisecond, `inFlight` at once; how many each got. */
    run(among: Instance[], times: number, outcome: (one: Instance) => CallOutcome, inFlight = 1) {
      const counts = new Map(among.map(({ address }) => [address, 0]));
      const underWay: Instance[] = [];
      for (let i = 0; i < times; i += 1) {
        const one = under.pick(among, call);
        counts.set(one.address, counts.get(one.address)! + 1);
        under.started(one, call);
        underWay.push(one);
        world.now += 1;
        while (underWay.length >= inFlight) {
          const oldest = underWay.shift()!;
          under.finished(oldest, call, outcome(oldest));
        }
      }
      for (const one of underWay) under.finished(one, call, outcome(one));
      return among.map(({ address }) => counts.get(address)!);
    },
  });
}

describe('balance', () => {
  test('power of two choices: equal instances get about equal shares', () => {
    const counts = balancer().run(hosts(5), 10_000, () => ({ durationMs: 1, code: 'OK' }));
    for (const count of counts) expect(count).toBeGreaterThan(1_000);
  });

  test('EWMA latency: a slow instance gets less, and as much as the others when it is quick again', () => {
    const b = balancer();
    const among = hosts(2);
    const slow = b.run(among, 10_000, ({ address }) => ({
      durationMs: address === among[0]!.address ? 400 : 4,
      code: 'OK',
    }));
    expect(slow[0]).toBeLessThan(slow[1]! / 10);
    const quick = (): CallOutcome => ({ durationMs: 4, code: 'OK' });
    b.run(among, 60_000, quick, 20);
    expect(b.run(among, 10_000, quick, 20)[0]).toBeGreaterThan(3_000);
  });

  test('decay 10 s: after that a measurement weighs 1/e', () => {
    const b = balancer();
    const [a, c] = hosts(2) as [Instance, Instance];
    const measure = (one: Instance, durationMs: number) => {
      b.started(one, call);
      b.finished(one, call, { durationMs, code: 'OK' });
    };
    measure(a, 1_000);
    b.now += 10_000;
    measure(a, 0);
    // √(1000/e): between an instance of 360 ms and one of 375 ms.
    const versus = (durationMs: number) => {
      const other = { address: `other-${durationMs}`, bootId: undefined };
      measure(other, durationMs);
      // Neither is due by time.
      b.pick([a], call);
      b.pick([other], call);
      return b.pick([a, other], call);
    };
    expect(versus(360).address).toBe('other-360');
    expect(versus(375)).toBe(a);
    expect(c).toBeDefined();
  });

  test('load = √(lag + 1)·(in flight + 1)', () => {
    const b = balancer();
    const [quick, slow] = hosts(2) as [Instance, Instance];
    for (const [one, durationMs] of [
      [quick, 1],
      [slow, 9],
    ] as const) {
      b.started(one, call);
      b.finished(one, call, { durationMs, code: 'OK' });
      b.pick([one], call);
    }
    // The slow one is three times as heavy: with two in flight the quick one is as heavy, with three heavier.
    b.started(quick, call);
    expect(b.pick([quick, slow], call)).toBe(quick);
    b.started(quick, call);
    b.started(quick, call);
    expect(b.pick([quick, slow], call)).toBe(slow);
  });

  test('unhealthy below half success: a server that fails fast is not taken for a quick one', () => {
    const b = balancer();
    const among = hosts(2);
    const broken = among[0]!.address;
    const outcome = ({ address }: Instance): CallOutcome =>
      address === broken ? { durationMs: 0.1, code: 'INTERNAL' } : { durationMs: 20, code: 'OK' };
    b.run(among, 20_000, outcome);
    const counts = b.run(among, 10_000, outcome);
    // What is left are the forced ones, about one a second.
    expect(counts[0]).toBeLessThanOrEqual(11);
    expect(counts[0]).toBeGreaterThanOrEqual(8);
  });

  test.each(['RESOURCE_EXHAUSTED', 'NOT_FOUND', 'CANCELLED'] as const)(
    '%s is not the fault of the server',
    (code) => {
      const b = balancer();
      const among = hosts(2);
      const outcome = ({ address }: Instance): CallOutcome =>
        address === among[0]!.address ? { durationMs: 5, code } : { durationMs: 5, code: 'OK' };
      b.run(among, 20_000, outcome);
      expect(b.run(among, 10_000, outcome)[0]).toBeGreaterThan(2_000);
    },
  );

  test('a host not picked for 1 s is picked', () => {
    const b = balancer();
    const among = hosts(2);
    const counts = b.run(among, 10_000, ({ address }) => ({
      durationMs: address === among[0]!.address ? 60_000 : 0.01,
      code: 'OK',
    }));
    expect(counts[0]).toBeGreaterThanOrEqual(9);
    expect(counts[0]).toBeLessThanOrEqual(12);
  });

  test('a forgotten host is as new, and its calls under way end without harm', () => {
    const b = balancer();
    const [one] = hosts(1) as [Instance];
    b.started(one, call);
    b.forget(one.address);
    b.finished(one, call, { durationMs: 1, code: 'OK' });
    b.started(one, call);
    b.forget(one.address);
    expect(b.pick([one], call)).toBe(one);
    b.finished(one, call, { durationMs: 1, code: 'OK' });
    expect(b.pick([one], call)).toBe(one);
  });

  test('property: a candidate is always given, whatever the numbers say', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(
          fc.record({
            pause: fc.nat(5_000),
            ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
            ok: fc.boolean(),
          }),
        ),
        fc.integer(),
        (count, steps, seed) => {
          const b = balancer(seed);
          const among = hosts(count);
          for (const { pause, ms, ok } of steps) {
            const one = b.pick(among, call);
            expect(among).toContain(one);
            b.started(one, call);
            b.now += pause;
            b.finished(one, call, { durationMs: ms, code: ok ? 'OK' : 'UNAVAILABLE' });
          }
        },
      ),
    );
  });
});
