import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writePrivateFile } from './private-file.ts';

test('only the owner may read it, and nothing else is left behind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'im-private-'));
  try {
    const file = join(folder, 'secret');
    writePrivateFile(file, 'old');
    writePrivateFile(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['secret']);
    expect(() => writePrivateFile(join(folder, 'missing/secret'), 'x')).toThrow('ENOENT');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
