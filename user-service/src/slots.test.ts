import { expect, test } from 'vitest';
import { createSlots } from './slots.ts';

/** Longer than a busy machine needs. */
const PATIENCE = { timeout: 10_000 };

/** Work that says when it began and ends when told. */
function job() {
  const state = { began: false, end: () => {} };
  const work = () => {
    state.began = true;
    return new Promise<void>((resolve) => {
      state.end = resolve;
    });
  };
  return { state, work };
}

test('so many run at once, the others in order of arrival', async () => {
  const slots = createSlots({ places: 2, mostWaiting: 10 });
  const jobs = [job(), job(), job(), job()];
  const runs = jobs.map(({ work }) => slots.run(work));
  await Promise.resolve();
  expect(jobs.map(({ state }) => state.began)).toEqual([true, true, false, false]);
  jobs[1]!.state.end();
  await runs[1];
  await expect.poll(() => jobs.map(({ state }) => state.began), PATIENCE).toEqual([true, true, true, false]);
  jobs[0]!.state.end();
  await expect.poll(() => jobs[3]!.state.began, PATIENCE).toBe(true);
  for (const { state } of jobs) state.end();
  await Promise.all(runs);
});

test('a full queue refuses, a caller who left makes room and is not worked for', async () => {
  const slots = createSlots({ places: 1, mostWaiting: 1 });
  const [first, left, next] = [job(), job(), job()];
  const running = slots.run(first.work);
  const leaving = new AbortController();
  const waiting = slots.run(left.work, leaving.signal);
  await expect(slots.run(next.work)).rejects.toMatchObject({ reason: 'OVERLOADED' });
  leaving.abort();
  await expect(waiting).rejects.toMatchObject({ reason: 'CALL_CANCELLED' });
  const nextRun = slots.run(next.work);
  first.state.end();
  await running;
  await expect.poll(() => next.state.began, PATIENCE).toBe(true);
  next.state.end();
  await nextRun;
  expect(left.state.began).toBe(false);
});

test('a place is free again after work that failed', async () => {
  const slots = createSlots({ places: 1, mostWaiting: 0 });
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(slots.run(async () => 7)).resolves.toBe(7);
});
