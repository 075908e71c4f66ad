import { expect, test } from 'vitest';
import { createFairLock } from './fair-lock.ts';

test('waiters are served in the order they came; those who only pass hold nobody up', async () => {
  const lock = createFairLock();
  const served: string[] = [];
  expect(lock.pass()).toBeUndefined();
  expect(lock.acquire()).toBeUndefined();
  const waits = [
    lock.pass()!.then(() => served.push('pass 1')),
    lock.acquire()!.then(() => served.push('take 1')),
    lock.pass()!.then(() => served.push('pass 2')),
    lock.acquire()!.then(() => served.push('take 2')),
  ];
  lock.release();
  await waits[1];
  expect(served).toEqual(['pass 1', 'take 1']);
  lock.release();
  await Promise.all(waits);
  expect(served).toEqual(['pass 1', 'take 1', 'pass 2', 'take 2']);
  lock.release();
  expect(lock.acquire()).toBeUndefined();
});
