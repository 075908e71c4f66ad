import { ImError } from '@im/common/errors/im-error.ts';
import { expect, test } from 'vitest';
import { parseBody } from './body.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('reads JSON, and nothing as an empty object', () => {
  expect(parseBody(bytes('{"a":["张",null]}'))).toEqual({ a: ['张', null] });
  expect(parseBody(bytes(''))).toEqual({});
});

test.each([
  ['half of it', bytes('{"a":')],
  ['a bare word', bytes('hello')],
  ['only a space', bytes(' ')],
  ['two values', bytes('{}{}')],
  ['not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
  ['a bottomless list', bytes('['.repeat(500_000) + ']'.repeat(500_000))],
  ['a bottomless object', bytes(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
])('refuses %s', (_name, body) => {
  expect(() => parseBody(body)).toThrow(expect.objectContaining({ reason: 'MALFORMED_BODY' }));
  expect(() => parseBody(body)).toThrow(ImError);
});
