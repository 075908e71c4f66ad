import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cached, cacheFolder } from './cache-folder.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'im-cache-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function visible(): string[] {
  return readdirSync(dir).filter((name) => !name.endsWith('.lock'));
}

test('several who want the same at once get what one of them made', async () => {
  let made = 0;
  const make = async (partial: string) => {
    made++;
    // It has its name only when it is whole.
    expect(existsSync(join(dir, 'entry'))).toBe(false);
    writeFileSync(join(partial, 'file'), 'whole');
  };
  const paths = await Promise.all([1, 2, 3].map(() => cached(join(dir, 'entry'), make)));
  expect(made).toBe(1);
  expect(new Set(paths).size).toBe(1);
  expect(readFileSync(join(dir, 'entry', 'file'), 'utf8')).toBe('whole');
});

test('what could not be finished leaves nothing, and is tried again', async () => {
  await expect(
    cached(join(dir, 'entry'), async (partial) => {
      writeFileSync(join(partial, 'file'), 'ha');
      throw new Error('the line is cut');
    }),
  ).rejects.toThrow('the line is cut');
  expect(visible()).toEqual([]);
  await cached(join(dir, 'entry'), async () => {});
  expect(visible()).toEqual(['entry']);
});

test('what one left who was killed does not pass for the whole and is removed', async () => {
  mkdirSync(join(dir, '.partial-entry-AAAAAA'));
  mkdirSync(join(dir, '.partial-other-AAAAAA'));
  await cached(join(dir, 'entry'), async () => {});
  expect(visible().sort()).toEqual(['.partial-other-AAAAAA', 'entry']);
});

test('the cache is where the environment says', () => {
  expect(cacheFolder({ IM_STACK_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/im-backend/stack');
  expect(cacheFolder({})).toMatch(/\.cache\/im-backend\/stack$/);
});
