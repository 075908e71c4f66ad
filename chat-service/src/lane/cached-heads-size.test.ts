import { expect, test } from 'vitest';
import { createCachedHeads } from './cached-heads.ts';
import type { ConversationState } from './conversation-state.ts';
import { emptyConversation } from './empty-conversation.ts';

const PARTITION = { partition_id: 1, epoch: 'one', change_no: 1, published_no: 1 };
const MANY = 300_000;

test('a conversation that has grown since it was first held counts with the members it has', () => {
  const heads = createCachedHeads();
  const states = ['g:1', 'g:2'].map((id): ConversationState => emptyConversation(1, id));
  heads.adopt(PARTITION, states);
  for (const state of states) {
    for (let i = 0; i < MANY; i++) state.members.set(`${i}`, undefined as never);
    heads.adopt(PARTITION, [state]);
  }
  expect(heads.get('g:1')).toBeUndefined();
  expect(heads.get('g:2')?.members.size).toBe(MANY);
});
