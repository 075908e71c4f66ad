import { expect, test } from 'vitest';
import type { WireContent, WireEvent, WireMessage } from '../client/wire.ts';
import { checkHistory } from './check-history.ts';
import type { HistoryEntry, Request, State, Summary } from './history.ts';
import { tellViolations } from './violation.ts';

// Ann is 1, Bob is 2; histories are written by hand, each with one thing wrong.
const ID = 's:1:2';
const ANN = { device: 'ann', uid: '1' };
const BOB = { device: 'bob', uid: '2' };
const words = (text: string): WireContent => ({ text: { text } });

function message(seq: number, clientMsgId: string, more: Partial<WireMessage> = {}): WireMessage {
  const content = words(clientMsgId);
  const sentAt = `time ${seq}`;
  const basics = { conversationId: ID, seq, senderUid: '1', clientMsgId, sentAt, content };
  return { ...basics, reactions: [], asOfSeq: seq, ...more };
}

const sendOf = (clientMsgId: string, text = clientMsgId): Request => ({
  kind: 'sendMessage',
  body: { conversationId: ID, clientMsgId, content: words(text) },
});

const invoked = (request: Request, who = ANN): HistoryEntry => ({
  entry: 'invoked',
  ...who,
  via: 'socket',
  request,
});
const answered = (request: Request, answer: WireMessage, who = ANN): HistoryEntry => ({
  entry: 'answered',
  ...who,
  via: 'socket',
  request,
  answer: { message: answer },
});

/** Ann sent it and was answered. */
const sent = (seq: number, clientMsgId: string): HistoryEntry[] => [
  invoked(sendOf(clientMsgId)),
  answered(sendOf(clientMsgId), message(seq, clientMsgId)),
];

const saw = (event: WireEvent, who = BOB): HistoryEntry => ({ entry: 'saw', ...who, by: 'push', event });
const eventAt = (seq: number, kind: Partial<WireEvent>): WireEvent => ({
  conversationId: ID,
  seq,
  at: `time ${seq}`,
  actorUid: '1',
  ...kind,
});

function state(messages: WireMessage[], more: Partial<State> = {}): HistoryEntry {
  return { entry: 'state', of: 'history', ...ANN, conversationId: ID, messages, events: [], ...more };
}

/** What both read in the end. */
const stored = (messages: WireMessage[], events: WireEvent[] = []): HistoryEntry[] => [
  state(messages, { events }),
  state(messages, { events, ...BOB }),
];

const A = message(1, 'a');
const B = message(2, 'b');
const GOOD = [...sent(1, 'a'), ...sent(2, 'b'), ...stored([A, B])];
const broken = (entries: HistoryEntry[]) =>
  checkHistory(entries).map(({ promise, text }) => `${promise} ${text}`);

test('a good history breaks nothing', () => {
  expect(broken(GOOD)).toEqual([]);
});

test('P1: an answered message that is not there in the end', () => {
  expect(broken([...GOOD, ...sent(3, 'c')])).toEqual([
    'P1 ann was answered that its sendMessage c is in s:1:2 at #3; in the end no message is there',
    'P2 ann (answer) saw at s:1:2 #3 the message c of 1; in the end nothing is there',
  ]);
});

test('P1: another message where the answer said it would be', () => {
  const history = [...sent(1, 'a'), invoked(sendOf('b')), ...stored([message(1, 'b')])];
  expect(broken(history)).toContain(
    'P1 ann was answered that its sendMessage a is in s:1:2 at #1; in the end message b of 1 is there',
  );
});

test('P1: an answered message that says something else in the end', () => {
  const changed = message(1, 'a', { content: words('forged') });
  expect(broken([...sent(1, 'a'), ...stored([changed])])).toContain(
    'P1 s:1:2 #1 (a) says in the end what nobody made of it: {"text":{"text":"forged"}}',
  );
});

test('P1: answers in a conversation that nobody read in the end', () => {
  expect(broken(sent(1, 'a'))).toContain('P1 nobody read s:1:2 in the end, where ann got answers');
});

const EDIT: Request = {
  kind: 'editMessage',
  body: { conversationId: ID, seq: 1, clientMsgId: 'e', content: words('better') },
};
const EDITED = message(1, 'a', { content: words('better'), editedAt: 'time 2', asOfSeq: 2 });
const EDIT_EVENT = eventAt(2, { edited: { targetSeq: 1, content: words('better') } });

test('an edit that was answered and is there', () => {
  const history = [...sent(1, 'a'), invoked(EDIT), answered(EDIT, EDITED), ...stored([EDITED], [EDIT_EVENT])];
  expect(broken(history)).toEqual([]);
});

test('P1: an answered edit that is lost', () => {
  const history = [...sent(1, 'a'), invoked(EDIT), answered(EDIT, EDITED), ...stored([A])];
  expect(broken(history)).toContain(
    'P1 ann was answered that its editMessage e is in s:1:2 at #1; in the end that message was never edited so',
  );
});

test('P1: an answered recall that is lost', () => {
  const recall: Request = { kind: 'recallMessage', body: { conversationId: ID, seq: 1, clientMsgId: 'r' } };
  const blank = message(1, 'a', { content: undefined, recalledAt: 'time 2', asOfSeq: 2 });
  const history = [...sent(1, 'a'), invoked(recall), answered(recall, blank), ...stored([A])];
  expect(broken(history)).toContain(
    'P1 ann was answered that its recallMessage r is in s:1:2 at #1; in the end that message is not recalled',
  );
});

const MARK: Request = { kind: 'markRead', body: { conversationId: ID, seq: 2 } };
const marked: HistoryEntry[] = [
  invoked(MARK, BOB),
  { entry: 'answered', ...BOB, via: 'socket', request: MARK, answer: { readSeq: 2, unread: 0 } },
];
const fresh = (summary: Summary, who = BOB): HistoryEntry => state([A, B], { of: 'fresh', ...who, summary });

test('P1: an answered read mark that is taken back', () => {
  const end = fresh({ headSeq: 2, readSeq: 1, unread: 1 });
  expect(broken([...GOOD, ...marked, end])).toContain(
    'P1 bob was answered that s:1:2 is read up to #2; in the end it is up to #1',
  );
});

test('P1: a read mark that is answered and does not move', () => {
  const seen = [saw(eventAt(1, { message: A })), saw(eventAt(2, { message: B }))];
  const still: HistoryEntry[] = [
    invoked(MARK, BOB),
    { entry: 'answered', ...BOB, via: 'socket', request: MARK, answer: { readSeq: 0, unread: 2 } },
  ];
  expect(broken([...GOOD, ...seen, ...still])).toEqual(['P1 bob read s:1:2 up to #2 and was answered #0']);
});

test('P1: a read mark that nobody made', () => {
  expect(broken([...GOOD, fresh({ headSeq: 2, readSeq: 2, unread: 0 })])).toContain(
    'P1 s:1:2 2 has read up to #2 in the end, and never said so',
  );
});

test('P2: a hole', () => {
  const history = [...sent(1, 'a'), ...sent(3, 'b'), ...stored([A, message(3, 'b')])];
  expect(broken(history)).toEqual(['P2 s:1:2 has nothing at #2, below its last #3']);
});

test('P2: two members with another order', () => {
  const swapped = [message(1, 'b'), message(2, 'a')];
  const history = [...sent(1, 'a'), ...sent(2, 'b'), state([A, B]), state(swapped, BOB)];
  expect(broken(history)).toContain(
    'P2 bob (history) saw at s:1:2 #1 the message b of 1; in the end it is the message a of 1',
  );
});

test('P2: a push of what the store does not hold', () => {
  expect(broken([...GOOD, saw(eventAt(3, { message: message(3, 'c') }))])).toContain(
    'P2 bob (push) saw at s:1:2 #3 the message c of 1; in the end nothing is there',
  );
});

test('P2: one seq twice', () => {
  expect(broken([...GOOD, state([A, A, B])])).toContain('P2 ann has two events at s:1:2 #1 (history)');
});

test('P2: sends of one socket that stand the other way round', () => {
  const history = [
    invoked(sendOf('b')),
    invoked(sendOf('a')),
    answered(sendOf('b'), B),
    answered(sendOf('a'), A),
    ...stored([A, B]),
  ];
  expect(broken(history)).toEqual(['P2 ann sent b (#2) before a (#1), which stands before it in s:1:2']);
});

test('P2: what was sent after an answer stands before what was answered', () => {
  const history = [...sent(2, 'b'), ...sent(1, 'a'), ...stored([A, B])];
  expect(broken(history)).toContain(
    'P2 a (#1) was sent after b (#2) had been answered, and stands before it in s:1:2',
  );
});

test('P3: a message twice', () => {
  const history = [...sent(1, 'a'), ...stored([A, message(2, 'a')])];
  expect(broken(history)).toEqual(['P3 a stands 2 times in s:1:2: #1, #2']);
});

test('P3: a repeat that is answered with another seq', () => {
  const history = [...GOOD, ...sent(2, 'a')];
  expect(broken(history)).toContain('P3 a in s:1:2 was answered with different seqs: 1, 2');
});

test('P3: one name accepted for two messages', () => {
  const other = sendOf('a', 'something else');
  expect(broken([...GOOD, invoked(other), answered(other, A)]).join()).toContain(
    'P3 a in s:1:2 was accepted for different requests',
  );
});

test('P3: a repeat that is refused although the message is there', () => {
  const refused: HistoryEntry = {
    entry: 'refused',
    ...ANN,
    via: 'socket',
    request: sendOf('a'),
    reason: 'INTERNAL_ERROR',
  };
  expect(broken([...GOOD, invoked(sendOf('a')), refused])).toEqual([
    'P3 ann was refused sendMessage a in s:1:2 with INTERNAL_ERROR, and it is done all the same',
  ]);
});

test('another message under the same name is refused rightly', () => {
  const request = sendOf('a', 'something else');
  const refused: HistoryEntry = {
    entry: 'refused',
    ...ANN,
    via: 'socket',
    request,
    reason: 'MESSAGE_ID_REUSED',
  };
  expect(broken([...GOOD, invoked(request), refused])).toEqual([]);
});

test('P3: a message that nobody sent', () => {
  expect(broken([...sent(1, 'a'), ...stored([A, B])])).toEqual(['P3 s:1:2 #2 (b) was sent by nobody']);
});

test('P3: one edit applied twice', () => {
  const again = { ...EDIT_EVENT, seq: 3, at: 'time 3' };
  const twice = { ...EDITED, editedAt: 'time 3', asOfSeq: 3 };
  const history = [
    ...sent(1, 'a'),
    invoked(EDIT),
    answered(EDIT, EDITED),
    ...stored([twice], [EDIT_EVENT, again]),
  ];
  expect(broken(history)).toEqual([
    'P3 s:1:2 #1 is edited 2 times, 1 edits were asked for',
    'P3 s:1:2 #1 is edited to {"text":{"text":"better"}} more often than asked for',
  ]);
});

test('P4: a copy that lacks an event after its sync', () => {
  expect(broken([...GOOD, state([A], { of: 'copy', ...BOB })])).toEqual([
    'P4 bob (copy) lacks s:1:2 #2, the message b of 1',
  ]);
});

test('P4: a copy that did not learn of an edit', () => {
  const history = [...sent(1, 'a'), invoked(EDIT), answered(EDIT, EDITED), ...stored([EDITED], [EDIT_EVENT])];
  const copy = state([A], { of: 'copy', ...BOB, events: [EDIT_EVENT] });
  expect(broken([...history, copy]).join()).toContain(
    'P4 bob (copy) has otherwise s:1:2 #1, the message a of 1',
  );
});

test('P4: a new device that is not told of a conversation at all', () => {
  const notices = { conversationId: 'n:2', of: 'fresh', ...BOB } as const;
  expect(broken([...GOOD, state([], notices)])).toEqual(['P4 bob (fresh) has nothing at all of s:1:2']);
});

test('P4: unread and head that are not true', () => {
  expect(broken([...GOOD, ...marked, fresh({ headSeq: 1, readSeq: 2, unread: 2 })])).toEqual([
    'P4 bob (fresh) has of s:1:2 headSeq 1 where 2 is true',
    'P4 bob (fresh) has of s:1:2 unread 2 where 0 is true',
  ]);
});

test('P4: two devices of one person with different read marks', () => {
  const late = state([A, B], { of: 'copy', ...BOB, summary: { headSeq: 2, readSeq: 0, unread: 2 } });
  const history = [...GOOD, ...marked, fresh({ headSeq: 2, readSeq: 2, unread: 0 }), late];
  expect(broken(history)).toEqual(['P4 bob (copy) has of s:1:2 readSeq 0 where 2 is true']);
});

test('P4: a push that never came to a device that stayed online', () => {
  const history: HistoryEntry[] = [
    ...GOOD.slice(0, 4),
    { entry: 'held', ...BOB, conversationId: ID, seqs: [1] },
    ...GOOD.slice(4),
  ];
  expect(broken(history)).toEqual(['P4 bob stayed online and never got s:1:2 #2']);
});

test('P4: a push that was lost in silence, and noticed by the next one', () => {
  const welcome: HistoryEntry = { entry: 'welcomed', ...BOB, epoch: 'x' };
  const pushed = saw(eventAt(2, { message: B }));
  const asked: HistoryEntry = { entry: 'saw', ...BOB, by: 'history', event: eventAt(1, { message: A }) };
  const quiet: HistoryEntry = { entry: 'held', ...BOB, conversationId: ID, seqs: [1, 2] };
  const late = saw(eventAt(1, { message: A }));
  const resync: HistoryEntry = { entry: 'resync', ...BOB };
  expect(broken([...GOOD, welcome, pushed, asked, quiet])).toEqual([]);
  expect(broken([...GOOD, welcome, pushed, asked, quiet, late, quiet])).toEqual([]);
  expect(broken([...GOOD, welcome, pushed, asked, resync, quiet, quiet])).toEqual([]);
  expect(broken([...GOOD, welcome, pushed, asked, quiet, quiet])).toEqual([
    'P4 bob was never pushed s:1:2 #1 nor told to resync; it saw the hole and asked',
  ]);
});

test('P4: a store that became another one', () => {
  const welcome = (epoch: string): HistoryEntry => ({ entry: 'welcomed', ...BOB, epoch });
  expect(broken([...GOOD, welcome('x'), welcome('y')])).toEqual(['P4 bob was welcomed to epoch y after x']);
});

test('P4: a cursor that does not continue', () => {
  const page = (seqs: number[], to: string, from?: string): HistoryEntry => ({
    entry: 'synced',
    ...BOB,
    from,
    to,
    more: false,
    conversations: [{ conversationId: ID, headSeq: 2, seqs }],
  });
  expect(broken([...GOOD, page([1, 2], 'x'), page([], 'y', 'x')])).toEqual([]);
  expect(broken([...GOOD, page([1, 2], 'x'), page([1, 2], 'y', 'x')])).toEqual([
    'P4 bob synced from a cursor and got s:1:2 #1, #2 again',
  ]);
});

test('P5: a line twice on a screen', () => {
  const displayed = (...seqs: number[]): HistoryEntry => ({
    entry: 'displayed',
    ...BOB,
    conversationId: ID,
    lines: seqs.map((seq) => ({ seq, senderUid: '1', clientMsgId: seq === 1 ? 'a' : 'b' })),
  });
  expect(broken([...GOOD, displayed(1, 2)])).toEqual([]);
  expect(broken([...GOOD, displayed(1, 2, 2)])).toEqual(['P5 bob shows s:1:2 #2 twice']);
  expect(broken([...GOOD, displayed(1, 2, 3)])).toEqual(['P5 bob shows s:1:2 b twice, again at #3']);
});

test('P6: a push to someone outside', () => {
  const outsider = { device: 'eve', uid: '5' };
  const mark: HistoryEntry = { entry: 'sawMark', ...outsider, conversationId: ID, reader: '1', seq: 1 };
  expect(broken([...GOOD, saw(eventAt(1, { message: A }), outsider), mark])).toEqual([
    'P6 eve (push) saw s:1:2 #1, the message a of 1, which is not for 5',
    'P6 eve was told of s:1:2, to which 5 never belonged',
  ]);
});

test('P6: a sync or a screen that shows what was before the join', () => {
  const group = 'g:9';
  const member: HistoryEntry = { entry: 'member', conversationId: group, uid: '5', fromSeq: 3, toSeq: 4 };
  const joined = (seq: number): WireEvent => ({
    ...eventAt(seq, { memberAdded: {} }),
    conversationId: group,
  });
  const events = [1, 2, 3, 4, 5].map(joined);
  const whole: HistoryEntry = { entry: 'member', conversationId: group, uid: '1', fromSeq: 1 };
  const inside = { device: 'eve', uid: '5' };
  const history = [whole, member, state([], { conversationId: group, events })];
  expect(broken([...history, saw(joined(3), inside), saw(joined(4), inside)])).toEqual([]);
  expect(broken([...history, saw(joined(2), inside), saw(joined(5), inside)])).toEqual([
    'P6 eve (push) saw g:9 #2, the memberAdded by 1, which is not for 5',
    'P6 eve (push) saw g:9 #5, the memberAdded by 1, which is not for 5',
  ]);
  const screen: HistoryEntry = { entry: 'displayed', ...inside, conversationId: group, lines: [{ seq: 2 }] };
  expect(broken([...history, screen])).toEqual(['P6 eve shows g:9 #2, which is not for 5']);
});

test('P6: an edit by someone else than the sender', () => {
  const request: Request = { ...EDIT };
  const byBob = { ...EDIT_EVENT, actorUid: '2' };
  const history = [
    ...sent(1, 'a'),
    invoked(request, BOB),
    answered(request, EDITED, BOB),
    ...stored([EDITED], [byBob]),
  ];
  expect(broken(history)).toContain('P6 s:1:2 #2, the edit of #1 by 2, is about a message of 1');
});

test('violations are told promise by promise, and not a thousand times', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ promise: 'P2' as const, text: `hole ${index}` }));
  const told = tellViolations([...many, { promise: 'P1', text: 'lost' }]).split('\n');
  expect(told.slice(0, 4)).toEqual(['P1 is broken 1 time:', '  lost', 'P2 is broken 30 times:', '  hole 0']);
  expect(told.at(-1)).toBe('  and 20 more');
});
