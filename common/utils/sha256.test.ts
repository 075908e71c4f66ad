import { expect, test } from 'vitest';
import { sha256, sha256Hex } from './sha256.ts';

test('the standard vector', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256Hex('abc')).toBe(abc);
  expect(Buffer.from(sha256(new TextEncoder().encode('abc'))).toString('hex')).toBe(abc);
});
