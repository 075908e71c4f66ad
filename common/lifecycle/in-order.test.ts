import { expect, test } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { type Part, startInOrder } from './in-order.ts';

const log = createLogger({ level: 'silent' });

function recorded(events: string[], name: string, fails?: 'start' | 'stop'): Part {
  const step = (what: 'start' | 'stop') => async () => {
    events.push(`${what} ${name}`);
    if (fails === what) throw new Error(`${name} fails`);
  };
  return { name, start: step('start'), stop: step('stop') };
}

test('parts stop in the reverse of their start order', async () => {
  const events: string[] = [];
  const parts = await startInOrder([recorded(events, 'a'), recorded(events, 'b')], log);
  await parts.stop();
  await parts.stop();
  expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});

test('when one cannot start, those before it are stopped and its error is told', async () => {
  const events: string[] = [];
  const parts = [recorded(events, 'a'), recorded(events, 'b', 'start'), recorded(events, 'c')];
  await expect(startInOrder(parts, log)).rejects.toThrow('b fails');
  expect(events).toEqual(['start a', 'start b', 'stop a']);
});

test('one that cannot stop does not keep the others', async () => {
  const events: string[] = [];
  const parts = await startInOrder([recorded(events, 'a'), recorded(events, 'b', 'stop')], log);
  await parts.stop();
  expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
});
