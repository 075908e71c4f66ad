import { createLocalStore } from '@im/common/testing/client/local-store.ts';
import { expect, test } from 'vitest';
import { differenceOf } from './compare.ts';
import type { Dialogue } from './dialogues.ts';

const ID = 's:1:2';
const dialogue: Dialogue = {
  number: 1,
  language: 'english',
  lines: [
    { speaker: 0, messages: ['one'] },
    { speaker: 1, messages: ['two', 'and a half'] },
  ],
};

/** What a device says when it holds these messages, [seq, uid, text]. */
function difference(held: readonly (readonly [number, string, string])[]): string | undefined {
  const store = createLocalStore();
  for (const [seq, senderUid, text] of held) {
    store.conversation(ID).addMessage({
      conversationId: ID,
      seq,
      senderUid,
      clientMsgId: `${seq}`,
      sentAt: '',
      content: { text: { text } },
      reactions: [],
      asOfSeq: seq,
    });
  }
  return differenceOf(dialogue, ['1', '2'], ID, store);
}

const whole = [
  [1, '1', 'one'],
  [2, '2', 'two'],
  [3, '2', 'and a half'],
] as const;

test('the same lines in the same order are equal', () => {
  expect(difference(whole)).toBeUndefined();
});

test.each([
  ['a message too few', whole.slice(0, 2), 'holds 2 messages of 3'],
  ['a message twice', [...whole, [4, '2', 'and a half'] as const], 'holds 4 messages of 3'],
  ['another text', [whole[0], [2, '2', 'too'] as const, whole[2]], 'message 2 is "too", not "two"'],
  ['another speaker', [whole[0], [2, '1', 'two'] as const, whole[2]], 'message 2 is said by the other one'],
  ['a hole', [whole[0], whole[1], [4, '2', 'and a half'] as const], 'seq 3 is missing'],
])('%s is a difference', (_, held, said) => {
  expect(difference(held)).toBe(said);
});
