import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identityOf, isRunning } from './process-identity.ts';

test('a process is known by its number and its start', async () => {
  const child = spawn('sleep', ['60']);
  const identity = identityOf(child.pid ?? 0);
  expect(identity).toMatchObject({ pid: child.pid });
  if (identity === undefined) return;
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ ...identity, startedAt: 'another time' })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isRunning(identity)).toBe(false);
});

test('this process has one, and no other has it', () => {
  expect(identityOf(process.pid)).not.toEqual(identityOf(process.ppid));
});
