import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { lockDataFolder } from './data-folder.ts';

let parent: string;
let dir: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'im-folder-'));
  dir = join(parent, 'data');
});

afterEach(() => rm(parent, { recursive: true, force: true }));

test('the folder is made for its owner only', async () => {
  const lock = lockDataFolder(dir);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  lock.release();
});

test('a second holder is told who the first one is, and has its turn after the release', () => {
  const first = lockDataFolder(dir);
  expect(() => lockDataFolder(dir)).toThrow(`another im-backend is running on ${dir} (pid ${process.pid})`);
  first.release();
  first.release();
  lockDataFolder(dir).release();
});

test('the lock keeps other processes out, and is free after SIGKILL', async () => {
  const fixture = join(import.meta.dirname, 'fixtures/hold-data-folder.ts');
  const child = spawn(process.execPath, ['--expose-gc', fixture, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    expect(() => lockDataFolder(dir)).toThrow(`another im-backend is running on ${dir} (pid ${child.pid})`);
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
  await eventually(() => lockDataFolder(dir).release());
});
