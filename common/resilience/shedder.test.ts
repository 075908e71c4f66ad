import { describe, expect, test } from 'vitest';
import { createLoopLoad } from './loop-load.ts';
import { createShedder } from './shedder.ts';

function shedder() {
  const world = { now: 10_000, load: 1 };
  const under = createShedder({ clock: () => world.now, load: () => world.load });
  return Object.assign(world, under, {
    begin(times: number) {
      return Array.from({ length: times }, under.begin).filter(Boolean).length;
    },
    end(times: number, passed = true) {
      for (let i = 0; i < times; i += 1) under.end(passed);
    },
  });
}

describe('shed load', () => {
  test('in flight above what the best recent window passed, while the event loop is at 0.9', () => {
    const s = shedder();
    s.load = 0;
    s.begin(300);
    s.end(300);
    s.load = 0.9;
    expect(s.begin(1_000)).toBe(300);
  });

  test('never below 0.9, whatever is in flight', () => {
    const s = shedder();
    s.load = 0.899;
    expect(s.begin(100_000)).toBe(100_000);
  });

  test('a few calls are always admitted, also by a server that has passed none yet', () => {
    expect(shedder().begin(1_000)).toBe(100);
  });

  test('what ends makes room', () => {
    const s = shedder();
    s.begin(1_000);
    s.end(30, false);
    expect(s.begin(1_000)).toBe(30);
  });

  test('the best window is forgotten after 5 s', () => {
    const s = shedder();
    s.load = 0;
    s.begin(300);
    s.end(300);
    s.load = 1;
    s.now += 4_900;
    expect(s.begin(1_000)).toBe(300);
    s.end(300, false);
    s.now += 600;
    expect(s.begin(1_000)).toBe(100);
  });

  test('calls that only timed out are no capacity', () => {
    const s = shedder();
    s.load = 0;
    s.begin(300);
    s.end(300, false);
    s.load = 1;
    expect(s.begin(1_000)).toBe(100);
  });

  test('a server at full use whose callers wait less than half a second sheds nothing', () => {
    const s = shedder();
    // 2,000 a second, 900 in flight: each waits 450 ms.
    let refused = 0;
    s.load = 0;
    refused += 900 - s.begin(900);
    for (let ms = 0; ms < 30_000; ms += 1) {
      s.now += 1;
      if (ms === 1_000) s.load = 1;
      s.end(2);
      refused += 2 - s.begin(2);
    }
    expect(refused).toBe(0);
  });
});

test('the utilisation of the event loop is that of the last whole slice', () => {
  let now = 0;
  let active = 0;
  const load = createLoopLoad({
    clock: () => now,
    read: (reading, since) => {
      const spent = reading === undefined ? active : reading.active - since!.active;
      return { active: spent, idle: 0, utilization: reading === undefined ? 0 : spent / 1_000 };
    },
  });
  expect(load()).toBe(0);
  now = 999;
  active = 950;
  expect(load()).toBe(0);
  now = 1_000;
  expect(load()).toBeCloseTo(0.95);
  now = 1_999;
  active = 1_050;
  expect(load()).toBeCloseTo(0.95);
  now = 2_000;
  expect(load()).toBeCloseTo(0.1);
});

test('a loop that is kept busy is seen as busy', async () => {
  let now = 0;
  const load = createLoopLoad({ clock: () => now });
  const until = performance.now() + 200;
  await new Promise((resolve) => setImmediate(resolve));
  while (performance.now() < until);
  await new Promise((resolve) => setImmediate(resolve));
  now = 1_000;
  expect(load()).toBeGreaterThan(0.9);
});
