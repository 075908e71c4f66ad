// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what is tested
import { expect, test } from 'vitest';
import { interpolate } from './interpolate.ts';

const VARIABLES = { X: 'x', EMPTY: '', ODD: '$X $$ ${X}' };

test.each([
  ['a${X}b$X', 'axbx'],
  ['${EMPTY:-other} ${EMPTY-other} ${NONE:-other} ${NONE-other} ${X:-other}', 'other  other other x'],
  ['${X:?why} ${EMPTY?why}', 'x '],
  ['${NONE} ${EMPTY}', ' '],
  ['"$$X" $$', '"$X" $'],
  // What a variable holds is taken as it is.
  ['${ODD}', '$X $$ ${X}'],
  ['ws://${NONE:-127.0.0.1:8081/ws}', 'ws://127.0.0.1:8081/ws'],
])('%s', (text, expected) => {
  expect(interpolate(text, VARIABLES)).toBe(expected);
});

test('what must be there and is not is refused, with its reason', () => {
  expect(() => interpolate('${NONE:?run it}', VARIABLES)).toThrow('NONE is missing: run it');
  expect(() => interpolate('${EMPTY:?run it}', VARIABLES)).toThrow('EMPTY is missing: run it');
  expect(() => interpolate('cost: 5$', VARIABLES)).toThrow('must be $$ or a variable');
});
