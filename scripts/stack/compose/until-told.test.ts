import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const PROGRAM = `
  const { untilTold } = await import(process.argv[1]);
  const leaving = new AbortController();
  process.once('SIGTERM', () => leaving.abort());
  // What keeps nothing alive by itself.
  setTimeout(() => process.kill(process.pid, 'SIGTERM'), 50).unref();
  await untilTold(leaving.signal);
  console.log('told');
`;

test('a process that only waits to be told to leave does wait', async () => {
  const file = join(import.meta.dirname, 'until-told.ts');
  const args = ['--input-type=module', '-e', PROGRAM, file];
  expect((await promisify(execFile)(process.execPath, args)).stdout).toBe('told\n');
});
