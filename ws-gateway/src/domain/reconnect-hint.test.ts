import { expect, test } from 'vitest';
import { reconnectAfterMs } from './reconnect-hint.ts';

test('few come back within a second, many are spread over as long as they take', () => {
  expect(reconnectAfterMs(1, 0)).toBe(0);
  expect(reconnectAfterMs(1, 0.999)).toBe(999);
  expect(reconnectAfterMs(5_000, 0.5)).toBe(5_000);
});
