import { expect, test } from 'vitest';
import { createConversationCopy } from './conversation-copy.ts';
import type { WireEvent } from './wire.ts';

function event(seq: number, kind: Partial<WireEvent> = {}): WireEvent {
  return { conversationId: 's:1:2', seq, at: '', actorUid: '1', ...kind };
}

test('a repeat is dropped', () => {
  const copy = createConversationCopy('s:1:2');
  expect(copy.add(event(1))).toBe(true);
  expect(copy.add(event(1))).toBe(false);
  expect(copy.events()).toHaveLength(1);
});

test('a jump in seq is a gap until its range has come', () => {
  const copy = createConversationCopy('s:1:2');
  copy.add(event(1));
  copy.add(event(5));
  expect(copy.gap()).toEqual({ from: 2, to: 4 });
  copy.addRange({ messages: [], events: [event(2), event(3)], fromSeq: 2, toSeq: 3 });
  expect(copy.gap()).toEqual({ from: 4, to: 4 });
  copy.addRange({ messages: [], events: [], fromSeq: 4, toSeq: 4 });
  expect(copy.gap()).toBeUndefined();
  expect(copy.knownTo).toBe(5);
});

test('two gaps are named one after the other', () => {
  const copy = createConversationCopy('s:1:2');
  copy.add(event(2));
  copy.add(event(4));
  expect(copy.gap()).toEqual({ from: 1, to: 1 });
  copy.add(event(1));
  expect(copy.gap()).toEqual({ from: 3, to: 3 });
});

test('a message is shown with what happened to it, also when that came first', () => {
  const copy = createConversationCopy('s:1:2');
  copy.add(event(2, { edited: { targetSeq: 1, content: { text: { text: 'after' } } } }));
  copy.addMessage({
    conversationId: 's:1:2',
    seq: 1,
    senderUid: '1',
    clientMsgId: 'a',
    sentAt: '',
    content: { text: { text: 'before' } },
    reactions: [],
    asOfSeq: 1,
  });
  expect(copy.messages().map((message) => message.content?.text?.text)).toEqual(['after']);
});
