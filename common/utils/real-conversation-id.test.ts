import { expect, test } from 'vitest';
import { realConversationId } from './real-conversation-id.ts';

test.each([
  ['u:9', '10', 's:9:10'],
  ['u:10', '9', 's:9:10'],
  ['s:9:10', '9', 's:9:10'],
  ['g:5', '9', 'g:5'],
  ['u:9', '9', 'u:9'],
  ['nonsense', '9', 'nonsense'],
])('%s of %s is %s', (written, uid, real) => {
  expect(realConversationId(written, uid)).toBe(real);
});
