import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { loadAdminKey, loadKeys } from '@im/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keySettings, setInEnvFile } from './key-settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'im-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the keys of a data folder become settings; a folder without keys has none to give', () => {
  expect(() => keySettings(folder)).toThrow(/has no keys\.json/);
  const keys = loadKeys(folder);
  const admin = loadAdminKey(folder);
  const settings = keySettings(folder);
  expect(settings).toMatchObject({ IM_REFRESH_SECRET: keys.refreshSecret, IM_ADMIN_KEY: admin.key });
  expect(JSON.parse(settings.IM_SIGNING_KEYS!)).toEqual(keys.accessTokenKeys);
});

test('they take the place of others in an env file, and nothing else changes', () => {
  const file = join(folder, '.env');
  const rest = "# mine\nIM_ADMIN_KEY_OLD='kept'\nOTHER=1";
  writeFileSync(file, `export IM_ADMIN_KEY='old'\n${rest}`);
  setInEnvFile(file, { IM_ADMIN_KEY: '$& \\1 [{}]"', IM_REFRESH_SECRET: 'new' });
  expect(readFileSync(file, 'utf8')).toBe(`IM_ADMIN_KEY='$& \\1 [{}]"'\n${rest}\nIM_REFRESH_SECRET='new'\n`);
  expect(parseEnv(readFileSync(file, 'utf8'))).toMatchObject({ IM_ADMIN_KEY: '$& \\1 [{}]"', OTHER: '1' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  setInEnvFile(join(folder, 'fresh'), { A: 'b' });
  expect(readFileSync(join(folder, 'fresh'), 'utf8')).toBe("A='b'\n");
});
