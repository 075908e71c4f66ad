import { expect, test } from 'vitest';
import { foldMessage } from './fold-message.ts';
import type { WireEvent, WireMessage } from './wire.ts';

const message: WireMessage = {
  conversationId: 's:1:2',
  seq: 1,
  senderUid: '1',
  clientMsgId: 'a',
  sentAt: '2026-01-01T00:00:00.000Z',
  content: { text: { text: 'first' } },
  reactions: [],
  asOfSeq: 1,
};

function change(seq: number, kind: Partial<WireEvent>): WireEvent {
  return { conversationId: 's:1:2', seq, at: `2026-01-01T00:00:0${seq}.000Z`, actorUid: '1', ...kind };
}

const edited = (seq: number, text: string) =>
  change(seq, { edited: { targetSeq: 1, content: { text: { text } } } });

test('edits are applied in the order of their seq, in whichever order they came', () => {
  const folded = foldMessage(message, [edited(4, 'third'), edited(2, 'second')]);
  expect(folded.content?.text?.text).toBe('third');
  expect(folded.editedAt).toBe('2026-01-01T00:00:04.000Z');
  expect(folded.asOfSeq).toBe(4);
});

test('what a message includes already is not applied to it again', () => {
  const present = { ...message, content: { text: { text: 'third' } }, asOfSeq: 4 };
  expect(foldMessage(present, [edited(2, 'second'), edited(4, 'third')])).toEqual(present);
});

test('a recalled message has no content, and an edit behind it gives none back', () => {
  const folded = foldMessage(message, [change(3, { recalled: { targetSeq: 1 } }), edited(4, 'late')]);
  expect(folded).not.toHaveProperty('content');
  expect(folded.recalledAt).toBe('2026-01-01T00:00:03.000Z');
});
