import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { atTheEnd, spawnGated } from './gated-process.ts';
import { identityOf } from './process-identity.ts';
import { startFixture } from './start-process.fixture.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'im-gated-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a caller that is killed before it lets the program run leaves none', async () => {
  const file = join(dir, 'ran');
  const caller = await startFixture<{ pid: number }>('gated-caller.fixture.ts', [file]);
  expect(identityOf(caller.said.pid)).toBeDefined();
  await caller.kill();
  await vi.waitFor(() => expect(identityOf(caller.said.pid)).toBeUndefined(), { timeout: 10_000 });
  expect(existsSync(file)).toBe(false);
});

test('a caller that is killed takes the program with it, and the folder', async () => {
  const file = join(dir, 'ran');
  const folder = join(dir, 'folder');
  mkdirSync(folder);
  const caller = await startFixture<{ pid: number }>('gated-caller.fixture.ts', [file, folder]);
  await vi.waitFor(() => expect(existsSync(file)).toBe(true), { timeout: 10_000 });
  await caller.kill();
  await vi.waitFor(
    () => {
      expect(identityOf(caller.said.pid)).toBeUndefined();
      expect(existsSync(folder)).toBe(false);
    },
    { timeout: 10_000 },
  );
});

test('a watchdog that was called off does nothing', async () => {
  const folder = join(dir, 'folder');
  mkdirSync(folder);
  const seen = join(dir, 'seen');
  // Both end with their input, the second after the first: it shows when that is over.
  atTheEnd({ remove: folder })();
  const { child, go } = spawnGated(
    { file: '/bin/sh', args: ['-c', `sleep 0.1; : >${seen}`] },
    dir,
    '/dev/null',
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  go();
  await ended;
  expect(existsSync(seen)).toBe(true);
  expect(existsSync(folder)).toBe(true);
});

test('a bare one gets nothing of this environment', async () => {
  const file = join(dir, 'environment');
  const env = { PATH: '/usr/bin:/bin', ONLY: 'this' };
  const { child, go } = spawnGated(
    { file: '/bin/sh', args: ['-c', `env >${file}`], env, bare: true },
    dir,
    '/dev/null',
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  go();
  await ended;
  const names = readFileSync(file, 'utf8').matchAll(/^(\w+)=/gm);
  // The shell adds some of its own.
  expect(
    [...names]
      .map(([, name]) => name)
      .filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name!))
      .sort(),
  ).toEqual(['ONLY', 'PATH']);
});
