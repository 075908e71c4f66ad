import { expect, test } from 'vitest';
import { partitionOf } from '../utils/murmur2.ts';
import { routeOf, routeOfPartition } from './conversation-route.ts';

test.each([64, 128, 640])(
  'with %i partitions a conversation and its partition have the same route',
  (count) => {
    for (let id = 1; id < 500; id++) {
      const conversationId = `g:${id}`;
      expect(routeOf(conversationId)).toBe(routeOfPartition(partitionOf(conversationId, count)));
    }
  },
);
