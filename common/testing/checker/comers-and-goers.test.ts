import { expect, test } from 'vitest';
import type { WireEvent, WireMessage } from '../client/wire.ts';
import { checkHistory } from './check-history.ts';
import type { HistoryEntry, Member, Request, State } from './history.ts';

// A group of Ann, uid 1. Bob, uid 2, left at #3 and came back at #5; in between Ann recalled #2.
const GROUP = 'g:9';
const ANN = { device: 'ann', uid: '1' };
const BOB = { device: 'bob', uid: '2' };
const member = (uid: string, fromSeq: number, toSeq?: number): Member => ({
  entry: 'member',
  conversationId: GROUP,
  uid,
  fromSeq,
  ...(toSeq === undefined ? {} : { toSeq }),
});
const FROM_JOIN = [member('1', 1), member('2', 1, 3), member('2', 5)];
const ALL = [member('1', 1), member('2', 1, 3), member('2', 1)];

const at = (seq: number, actorUid: string, kind: Partial<WireEvent>): WireEvent => ({
  conversationId: GROUP,
  seq,
  at: `time ${seq}`,
  actorUid,
  ...kind,
});
const JOINED = at(5, '1', { memberAdded: { uids: ['2'], inviterUid: '1' } });
const EVENTS = [
  at(1, '1', { memberAdded: { uids: ['1', '2'], inviterUid: '1' } }),
  at(3, '2', { memberRemoved: { uids: ['2'], left: true } }),
  at(4, '1', { recalled: { targetSeq: 2 } }),
  JOINED,
];
const content = { text: { text: 'one' } };
const before: WireMessage = {
  conversationId: GROUP,
  seq: 2,
  senderUid: '1',
  clientMsgId: 'one',
  sentAt: 'time 2',
  content,
  reactions: [],
  asOfSeq: 2,
};
const { content: _, ...blank } = { ...before, recalledAt: 'time 4', asOfSeq: 5 };
const invoked = (who: typeof ANN, request: Request): HistoryEntry => ({
  entry: 'invoked',
  ...who,
  via: 'http',
  request,
});
const send = (clientMsgId: string): Request => ({
  kind: 'sendMessage',
  body: { conversationId: GROUP, clientMsgId, content },
});
const state = (who: typeof ANN, of: State['of'], messages: WireMessage[], events: WireEvent[]) =>
  ({ entry: 'state', of, ...who, conversationId: GROUP, messages, events }) as const;
const sent = [invoked(ANN, send('one'))];
const read = state(ANN, 'history', [blank], EVENTS);
const broken = (entries: HistoryEntry[]) => checkHistory(entries).map(({ promise }) => promise);

test('nobody tells who is out that a message was recalled; who asks is told', () => {
  const seen = EVENTS.filter(({ seq }) => seq !== 4);
  const base = [...FROM_JOIN, ...sent, read];
  expect(broken([...base, state(BOB, 'copy', [before], seen)])).toEqual([]);
  expect(broken([...base, state(BOB, 'fresh', [blank], seen)])).toEqual([]);
  expect(broken([...base, state(BOB, 'fresh', [before], seen)])).toContain('P4');
  expect(broken([...ALL, ...sent, read, state(BOB, 'copy', [before], EVENTS)])).toContain('P4');
});

test('who comes back asks for what was said meanwhile: it was not lost', () => {
  const recalled = EVENTS.find(({ seq }) => seq === 4)!;
  const held: HistoryEntry = {
    entry: 'held',
    ...BOB,
    conversationId: GROUP,
    seqs: [1, 2, 3, 4, 5],
  };
  const asked: HistoryEntry[] = [
    { entry: 'welcomed', ...BOB, epoch: 'one' },
    ...EVENTS.filter(({ seq }) => seq < 4).map(
      (event): HistoryEntry => ({ entry: 'saw', ...BOB, by: 'push', event }),
    ),
    { entry: 'saw', ...BOB, by: 'history', event: recalled },
    held,
    held,
  ];
  const base = [...ALL, ...sent, read];
  expect(broken([...base, ...asked])).toEqual(['P4']);
  const pushed: HistoryEntry = { entry: 'saw', ...BOB, by: 'push', event: JOINED };
  expect(broken([...base, ...asked.slice(0, 4), pushed, ...asked.slice(4)])).toEqual([]);
});

test('what a sync read before a rejoin may come behind the push of it', () => {
  const welcomed: HistoryEntry = { entry: 'welcomed', ...BOB, epoch: 'one' };
  const synced = (headSeq: number): HistoryEntry => ({
    entry: 'synced',
    ...BOB,
    to: 'cursor',
    more: false,
    conversations: [{ conversationId: GROUP, headSeq, seqs: [] }],
  });
  const saw = (by: 'push' | 'history', seq: number): HistoryEntry => ({
    entry: 'saw',
    ...BOB,
    by,
    event: EVENTS.find((event) => event.seq === seq)!,
  });
  const held: HistoryEntry = { entry: 'held', ...BOB, conversationId: GROUP, seqs: [1, 2, 3, 4, 5] };
  const base = [...ALL, ...sent, read, welcomed];
  expect(broken([...base, saw('push', 5), synced(3), saw('history', 4), held, held])).toEqual([]);
  expect(broken([...base, synced(3), saw('history', 4), held, held])).toEqual(['P4']);
});

test('one of two requests of one name is refused to who is out, the other taken when they are back', () => {
  const request = send('two');
  const stored = { ...before, seq: 6, senderUid: '2', clientMsgId: 'two', sentAt: 'time 6', asOfSeq: 6 };
  const refused: HistoryEntry = { entry: 'refused', ...BOB, via: 'http', request, reason: 'NOT_A_MEMBER' };
  const answer = { message: stored };
  const answered: HistoryEntry = { entry: 'answered', ...BOB, via: 'http', request, answer };
  const asked = [...FROM_JOIN, ...sent, invoked(BOB, request), invoked({ ...BOB, device: 'pad' }, request)];
  const end = state(ANN, 'history', [blank, stored], EVENTS);
  expect(broken([...asked, refused, answered, end])).toEqual([]);
  expect(broken([...asked, answered, refused, end])).toEqual(['P3']);
  // The answers to two devices may pass one another, but what is asked after the answer is a repeat of it.
  const pad = { device: 'pad' };
  expect(broken([...asked, answered, { ...refused, ...pad }, end])).toEqual([]);
  const late = [
    invoked(BOB, request),
    answered,
    invoked({ ...BOB, ...pad }, request),
    { ...refused, ...pad },
  ];
  expect(broken([...FROM_JOIN, ...sent, ...late, end])).toEqual(['P3']);
  expect(broken([...asked, refused, refused, end])).toContain('P3');
});

test('one that was refused to who is out, its answer lost, is sent anew behind one that was taken', () => {
  const over = (name: string): HistoryEntry =>
    ({ ...invoked(BOB, send(name)), via: 'socket' }) as HistoryEntry;
  const stored = (seq: number, clientMsgId: string) => ({
    ...before,
    seq,
    senderUid: '2',
    clientMsgId,
    sentAt: `time ${seq}`,
    asOfSeq: 7,
  });
  const back: HistoryEntry = { entry: 'saw', ...ANN, by: 'push', event: JOINED };
  const end = state(ANN, 'history', [blank, stored(6, 'second'), stored(7, 'first')], EVENTS);
  const base = [...FROM_JOIN, ...sent];
  expect(broken([...base, over('first'), back, over('second'), end])).toEqual([]);
  expect(broken([...base, back, over('first'), over('second'), end])).toEqual(['P2']);
});

test('what somebody who was out read does not stand for what the store has', () => {
  const edited = at(4, '1', { edited: { targetSeq: 2, content: { text: { text: 'two' } } } });
  const edit: Request = {
    kind: 'editMessage',
    body: { conversationId: GROUP, seq: 2, clientMsgId: 'edit', content: { text: { text: 'two' } } },
  };
  const now = { ...before, content: { text: { text: 'two' } }, editedAt: 'time 4', asOfSeq: 5 };
  const answered: HistoryEntry = {
    entry: 'answered',
    ...ANN,
    via: 'http',
    request: edit,
    answer: { message: now },
  };
  const events = EVENTS.map((event) => (event.seq === 4 ? edited : event));
  const bobs = state(
    BOB,
    'history',
    [{ ...before, asOfSeq: 5 }],
    events.filter(({ seq }) => seq !== 4),
  );
  const anns = state(ANN, 'history', [now], events);
  expect(broken([...FROM_JOIN, ...sent, invoked(ANN, edit), answered, bobs, anns])).toEqual([]);
});
