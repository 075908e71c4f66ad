import { expect, test } from 'vitest';
import { createLocalStore } from './local-store.ts';
import type { WireEvent, WireSync } from './wire.ts';

const ID = 's:1:2';

function page(seqs: number[], headSeq: number, complete: boolean): WireSync {
  const events = seqs.map((seq): WireEvent => ({ conversationId: ID, seq, at: '', actorUid: '1' }));
  return {
    conversations: [
      {
        conversationId: ID,
        kind: 'DIRECT',
        headSeq,
        readSeq: 0,
        unread: 0,
        mentionSeqs: [],
        visibleFromSeq: 1,
        settings: { muted: false, pinned: false, hidden: false, draft: '', clearedSeq: 0 },
        updatedAt: '',
        events,
        complete,
      },
    ],
    hidden: [],
    cursor: `after-${headSeq}`,
    more: false,
    epoch: 'one',
  };
}

test('a complete conversation has no gap, whatever was left out of it', () => {
  const store = createLocalStore();
  expect(store.takeSync(page([2, 3], 3, true))).toHaveLength(2);
  expect(store.conversation(ID).gap()).toBeUndefined();
  expect(store.cursor).toBe('after-3');
});

test('an incomplete one is fetched below its first event', () => {
  const store = createLocalStore();
  store.takeSync(page([1], 1, true));
  store.takeSync(page([8, 9], 9, false));
  expect(store.conversation(ID).gap()).toEqual({ from: 2, to: 7 });
});

test('clearing drops the copy and the cursor', () => {
  const store = createLocalStore();
  store.takeSync(page([1], 1, true));
  store.clear();
  expect(store.conversations()).toEqual([]);
  expect(store.cursor).toBeUndefined();
});
