import { expect, test } from 'vitest';
import { createResyncPace, RESYNC_GAP_MS, RESYNCS_PER_SECOND } from './resync-pace.ts';

test('a socket is told once for any number of losses', () => {
  const pace = createResyncPace();
  pace.owe('a');
  pace.owe('a');
  expect(pace.take(0)).toEqual(['a']);
  expect(pace.take(1)).toEqual([]);
  expect(pace.owed).toBe(0);
});

test('a loss within ten seconds after is told when they are over', () => {
  const pace = createResyncPace();
  pace.owe('a');
  pace.take(0);
  pace.owe('a');
  pace.owe('b');
  expect(pace.take(RESYNC_GAP_MS - 1)).toEqual(['b']);
  expect(pace.owed).toBe(1);
  expect(pace.take(RESYNC_GAP_MS)).toEqual(['a']);
});

test('all sockets together are told at the pace of syncs', () => {
  const pace = createResyncPace();
  for (let socket = 0; socket < 10_000; socket++) pace.owe(String(socket));
  let told = 0;
  for (let now = 0; now < 10_000; now += 20) told += pace.take(now).length;
  expect(told).toBeLessThanOrEqual(RESYNCS_PER_SECOND * 10 + RESYNCS_PER_SECOND / 10);
  expect(told).toBeGreaterThan(RESYNCS_PER_SECOND * 10 * 0.95);
});

test('a long quiet time saves nothing up', () => {
  const pace = createResyncPace();
  pace.take(0);
  for (let socket = 0; socket < 10_000; socket++) pace.owe(String(socket));
  expect(pace.take(60_000).length).toBeLessThanOrEqual(RESYNCS_PER_SECOND / 10);
});

test('a socket that is gone is forgotten', () => {
  const pace = createResyncPace();
  pace.owe('a');
  pace.forget('a');
  expect(pace.take(0)).toEqual([]);
});
