import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBreaker } from './breaker.ts';

/** A breaker whose time and chance the test decides. */
function breaker() {
  const world = { now: 1_000_000, random: 0 };
  const under = createBreaker({ clock: () => world.now, random: () => world.random });
  return Object.assign(world, under, {
    fail(times: number) {
      for (let i = 0; i < times; i += 1) under.failed();
    },
    succeed(times: number) {
      for (let i = 0; i < times; i += 1) under.succeeded();
    },
  });
}

const outcomes = fc.array(fc.record({ ok: fc.boolean(), pauseMs: fc.integer({ min: 0, max: 3_000 }) }), {
  maxLength: 200,
});

describe('breaker', () => {
  test('5 requests are protected: whatever becomes of them, none is refused', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 5 }), (results) => {
        const b = breaker();
        for (const ok of results) {
          expect(b.allows()).toBe(true);
          ok ? b.succeeded() : b.failed();
        }
        expect(b.dropRatio()).toBe(0);
      }),
    );
  });

  test('it opens above that when all fail', () => {
    const b = breaker();
    b.fail(5);
    expect(b.dropRatio()).toBe(0);
    b.fail(1);
    // (6 − 5 − K·0) / 7
    expect(b.dropRatio()).toBeCloseTo(1 / 7);
  });

  test('k is 1.5: two successes carry three requests, for ever', () => {
    const b = breaker();
    for (let i = 0; i < 1_000; i += 1) {
      b.succeed(2);
      b.fail(1);
    }
    expect(b.dropRatio()).toBe(0);
    b.fail(100);
    // (3100 − 5 − 1.5·2000) / 3101
    expect(b.dropRatio()).toBeCloseTo(95 / 3101);
  });

  test('k sinks to 1.1 as failing buckets grow', () => {
    const b = breaker();
    b.succeed(1_000);
    b.fail(400);
    expect(b.dropRatio()).toBe(0);
    const ratios: number[] = [];
    for (let i = 1; i < 40; i += 1) {
      b.now += 250;
      b.failed();
      ratios.push(b.dropRatio());
    }
    expect(ratios[0]).toBe(0);
    expect(ratios.every((ratio, i) => i === 0 || ratio >= ratios[i - 1]!)).toBe(true);
    const k = 1.5 - 0.4 * (39 / 40);
    expect(ratios.at(-1)).toBeCloseTo((1_439 - 5 - k * 1_000) / 1_440);
    expect(k).toBeGreaterThan(1.1);
  });

  test('the window is 10 s: what is older is forgotten', () => {
    const b = breaker();
    b.now = 1_000_000;
    b.fail(100);
    b.now += 9_749;
    expect(b.dropRatio()).toBeGreaterThan(0.9);
    b.now += 251;
    expect(b.dropRatio()).toBe(0);
    expect(b.allows()).toBe(true);
    // In the place where the old ones were.
    b.fail(6);
    expect(b.dropRatio()).toBeCloseTo(1 / 7);
  });

  test('one probe a second passes, however bad it looks', () => {
    const b = breaker();
    b.fail(1_000);
    expect([b.allows(), b.allows(), b.allows()]).toEqual([true, false, false]);
    b.now += 1_000;
    expect(b.allows()).toBe(false);
    b.now += 1;
    expect([b.allows(), b.allows()]).toEqual([true, false]);
  });

  test('chance decides by the ratio', () => {
    const b = breaker();
    b.fail(100);
    b.allows();
    const ratio = b.dropRatio();
    b.random = ratio;
    expect(b.allows()).toBe(true);
    b.random = ratio - 0.001;
    expect(b.allows()).toBe(false);
  });

  test('refusals count as requests, so a refused crowd does not talk itself in', () => {
    const b = breaker();
    b.fail(20);
    b.allows();
    const before = b.dropRatio();
    for (let i = 0; i < 100; i += 1) b.allows();
    expect(b.dropRatio()).toBeGreaterThan(before);
  });

  test('it eases as soon as whole buckets succeed', () => {
    const b = breaker();
    b.fail(100);
    const before = b.dropRatio();
    for (let i = 0; i < 8; i += 1) {
      b.now += 250;
      b.succeeded();
    }
    expect(b.dropRatio()).toBeLessThan(before * 0.81);
  });

  test('property: nothing refused while at most 5 of a window are requests or nothing failed; the ratio is a probability', () => {
    fc.assert(
      fc.property(outcomes, (steps) => {
        const b = breaker();
        const seen: { at: number; ok: boolean }[] = [];
        for (const { ok, pauseMs } of steps) {
          b.now += pauseMs;
          const ratio = b.dropRatio();
          expect(ratio).toBeGreaterThanOrEqual(0);
          expect(ratio).toBeLessThan(1);
          // A bucket more than the window, because buckets are forgotten whole.
          const recent = seen.filter(({ at }) => b.now - at < 10_000);
          if (recent.length <= 5 || recent.every((one) => one.ok)) expect(ratio).toBe(0);
          ok ? b.succeeded() : b.failed();
          seen.push({ at: b.now, ok });
        }
      }),
    );
  });
});
