/** A clock that stands still until it is moved. */
export interface TestClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds. */
  advance(ms: number): void;
}

const START = Date.parse('2026-01-01T00:00:00.000Z');

export function createTestClock(start = START): TestClock {
  let time = start;
  return {
    now: () => time,
    advance(ms) {
      time += ms;
    },
  };
}
