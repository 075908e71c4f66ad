import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICE_NAMES } from '@im/common/service/names.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadAdminKey, loadKeys } from './keys.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'im-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (name: string) => statSync(join(folder, name)).mode & 0o777;

test('keys are made once, for the owner only, and stay', () => {
  const keys = loadKeys(folder);
  expect(modeOf('keys.json')).toBe(0o600);
  expect(Object.keys(keys.serviceKeys).sort()).toEqual([...SERVICE_NAMES].sort());
  expect(loadKeys(folder)).toEqual(keys);
  expect(readdirSync(folder)).toEqual(['keys.json']);
});

test('two folders have different keys', () => {
  const first = loadKeys(folder);
  rmSync(join(folder, 'keys.json'));
  const second = loadKeys(folder);
  expect(second.refreshSecret).not.toBe(first.refreshSecret);
  expect(second.accessTokenKeys[0]?.kid).not.toBe(first.accessTokenKeys[0]?.kid);
});

test('a service that is new gets a key, the others keep theirs', () => {
  const file = join(folder, 'keys.json');
  const before = loadKeys(folder);
  const { 'group-service': _, ...others } = before.serviceKeys;
  writeFileSync(file, JSON.stringify({ ...before, serviceKeys: others }));
  const after = loadKeys(folder);
  expect(after.serviceKeys['group-service']).toBeDefined();
  expect(after.serviceKeys['chat-service']).toEqual(before.serviceKeys['chat-service']);
  expect(after.refreshSecret).toBe(before.refreshSecret);
  expect(loadKeys(folder)).toEqual(after);
});

test('a broken key file is never replaced, and its content is not told', () => {
  const file = join(folder, 'keys.json');
  writeFileSync(file, '{"refreshSecret": "tell nobody"');
  expect(() => loadKeys(folder)).toThrow(/^(?!.*tell nobody).*keys\.json: cannot be read/);
  expect(readFileSync(file, 'utf8')).toContain('tell nobody');
});

test('the first API key is made once, for the owner only', () => {
  const { file, key } = loadAdminKey(folder);
  expect(file).toBe(join(folder, 'admin.key'));
  expect(modeOf('admin.key')).toBe(0o600);
  expect(key).toMatch(/^imk_bootstrap_[\w-]{43}$/);
  expect(loadAdminKey(folder).key).toBe(key);
});
