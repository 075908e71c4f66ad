import { expect, test } from 'vitest';
import { mergeSettings } from './settings.ts';

test('settings merge key by key, null removes', () => {
  expect(JSON.parse(mergeSettings('{"a":1,"b":{"x":1},"c":2}', { b: { y: 2 }, c: null, d: [] }))).toEqual({
    a: 1,
    b: { y: 2 },
    d: [],
  });
});

test('without a change to merge all of them go', () => {
  expect(mergeSettings('{"a":1}', undefined)).toBe('{}');
});

test('a key may have any name', () => {
  const change = JSON.parse('{"__proto__":{"x":1}}');
  expect(mergeSettings('{"constructor":1}', change)).toBe('{"constructor":1,"__proto__":{"x":1}}');
});

test('8 KiB are counted in bytes after merging', () => {
  const overhead = '{"k":""}'.length;
  expect(() => mergeSettings('{}', { k: 'x'.repeat(8192 - overhead) })).not.toThrow();
  for (const [stored, value] of [
    ['{}', 'x'.repeat(8193 - overhead)],
    ['{}', '中'.repeat(2729)],
    ['{"a":1}', 'x'.repeat(8192 - overhead)],
  ] as const) {
    expect(() => mergeSettings(stored, { k: value })).toThrow(
      expect.objectContaining({ reason: 'INVALID_FIELD', metadata: { field: 'settings' } }),
    );
  }
});
