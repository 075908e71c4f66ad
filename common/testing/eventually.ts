import { vi } from 'vitest';

/** Milliseconds; long, because a busy machine is no fault, and only a failing test waits for all of it. */
const TIMEOUT_MS = 10_000;

/** Waits until the assertions hold. `interval` in milliseconds. */
export function eventually<T>(assertions: () => T | Promise<T>, interval = 5): Promise<T> {
  return vi.waitFor(assertions, { timeout: TIMEOUT_MS, interval });
}
