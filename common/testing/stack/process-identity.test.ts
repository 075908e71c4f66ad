import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
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

test('one that ended and was not fetched by its parent does not run', async () => {
  // The shell becomes a program that never asks after the child it had; its echo shows that it did.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 >/dev/null & echo $!; exec cat']);
  try {
    const [line] = await once(parent.stdout, 'data');
    parent.stdin.write('echo');
    await once(parent.stdout, 'data');
    const pid = Number(line);
    process.kill(pid, 'SIGKILL');
    await eventually(() => expect(identityOf(pid)).toBeUndefined());
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    parent.kill('SIGKILL');
    await once(parent, 'exit');
  }
});

test('this process has one, and no other has it', () => {
  expect(identityOf(process.pid)).not.toEqual(identityOf(process.ppid));
});
