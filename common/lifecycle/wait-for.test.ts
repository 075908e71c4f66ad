import { expect, test } from 'vitest';
import { createLogger } from '../telemetry/log.ts';
import { eventually } from '../testing/eventually.ts';
import { createWaits } from './wait-for.ts';

const log = createLogger({ level: 'silent' });

test('says what it waits for and why, until it is there', async () => {
  const waits = createWaits({ log, signal: new AbortController().signal, isFinal: () => false });
  let isThere = false;
  const waiting = waits.until('the server', async () => {
    if (!isThere) throw new Error('nobody answers');
    return 'it';
  });
  await eventually(() => expect(waits.missing()).toEqual(['waiting for the server: nobody answers']));
  isThere = true;
  expect(await waiting).toBe('it');
  expect(waits.missing()).toEqual([]);
});

test('an attempt that fails while one is told to leave is no failure', async () => {
  const leaving = new AbortController();
  const waits = createWaits({ log, signal: leaving.signal, isFinal: () => true });
  const waiting = waits.until('the server', async () => {
    leaving.abort(new Error('told to leave'));
    throw new Error('nobody answers');
  });
  await expect(waiting).rejects.toBe(leaving.signal.reason);
});

test('what no wait helps against is thrown at once', async () => {
  const waits = createWaits({ log, signal: new AbortController().signal, isFinal: () => true });
  const attempt = async () => {
    throw new Error('a wrong setting');
  };
  await expect(waits.until('the server', attempt)).rejects.toThrow('a wrong setting');
});
