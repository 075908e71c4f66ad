import { expect, test } from 'vitest';
import type { WireEvent } from '../client/wire.ts';
import { memberSpans } from './member-spans.ts';

const event = (seq: number, kind: Partial<WireEvent>): WireEvent => ({
  conversationId: 'g:9',
  seq,
  at: `time ${seq}`,
  actorUid: '1',
  ...kind,
});
const added = (...uids: string[]) => ({ memberAdded: { uids, inviterUid: '1' } });
const removed = (...uids: string[]) => ({ memberRemoved: { uids, left: false } });
const updated = (historyPolicy: string) => ({ groupUpdated: { group: { historyPolicy } } });
const span = (uid: string, fromSeq: number, toSeq?: number) => ({
  entry: 'member',
  conversationId: 'g:9',
  uid,
  fromSeq,
  ...(toSeq === undefined ? {} : { toSeq }),
});

test('who is added sees all, and who is removed sees that last', () => {
  const events = [event(1, added('1', '2')), event(5, removed('2')), event(8, added('2'))];
  expect(memberSpans('g:9', events)).toEqual([span('1', 1), span('2', 1, 5), span('2', 1)]);
});

test('a change of what newcomers see is for those who are added later', () => {
  const events = [
    event(1, added('1', '2')),
    event(2, updated('FROM_JOIN')),
    event(5, removed('2')),
    event(8, added('2', '3')),
    event(9, updated('ALL')),
    event(11, added('4')),
  ];
  expect(memberSpans('g:9', events.toReversed())).toEqual([
    span('1', 1),
    span('2', 1, 5),
    span('2', 8),
    span('3', 8),
    span('4', 1),
  ]);
});
