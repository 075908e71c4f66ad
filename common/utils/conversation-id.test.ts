import { expect, test } from 'vitest';
import { directConversationId, isDecimalId, parseConversationId } from './conversation-id.ts';

test('a direct conversation has one id, its uids compared as numbers', () => {
  expect(directConversationId('9', '10')).toBe('s:9:10');
  expect(directConversationId('10', '9')).toBe('s:9:10');
  expect(directConversationId('7', '0')).toBe('s:0:7');
});

test('canonical ids are understood', () => {
  expect(parseConversationId('s:9:10')).toEqual({ kind: 'direct', lower: '9', higher: '10' });
  expect(parseConversationId('s:0:10')).toEqual({ kind: 'direct', lower: '0', higher: '10' });
  expect(parseConversationId('g:5')).toEqual({ kind: 'group', groupId: '5' });
  expect(parseConversationId('n:9007199254740991')).toEqual({ kind: 'notice', uid: '9007199254740991' });
  expect(parseConversationId('u:3')).toEqual({ kind: 'userAlias', uid: '3' });
});

test.each([
  '',
  's:10:9',
  's:9:9',
  's:0:0',
  's:09:10',
  's:9:010',
  's:9:10:11',
  's:9',
  'g:0',
  'g:05',
  'g:-5',
  'g:5 ',
  'g:1e3',
  'n:9007199254740992',
  'n:',
  'u:0',
  'x:5',
  '5',
])('%j is not an id', (id) => {
  expect(parseConversationId(id)).toBeUndefined();
});

test('a decimal id is a positive 53-bit integer', () => {
  expect(isDecimalId('9007199254740991')).toBe(true);
  expect(isDecimalId('9007199254740992')).toBe(false);
  expect(isDecimalId('0')).toBe(false);
});
