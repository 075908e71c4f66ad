import { expect, test } from 'vitest';
import { wireFrame } from './wire-frame.ts';

test.each([
  [0, [0x81, 0]],
  [125, [0x81, 125]],
  [126, [0x81, 126, 0, 126]],
  [65_535, [0x81, 126, 0xff, 0xff]],
  [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
])('a text of %i bytes', (length, head) => {
  const frame = wireFrame('x'.repeat(length));
  expect([...frame.subarray(0, head.length)]).toEqual(head);
  expect(frame.subarray(head.length).toString()).toBe('x'.repeat(length));
});

test('lengths are counted in bytes, not characters', () => {
  expect(wireFrame('好')).toEqual(Buffer.from([0x81, 3, ...Buffer.from('好')]));
});

test('bytes make a binary frame', () => {
  expect(wireFrame(new Uint8Array([1, 2]))).toEqual(Buffer.from([0x82, 2, 1, 2]));
});
