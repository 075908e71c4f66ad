import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WireMessage } from '../client/wire.ts';
import { checkHistory } from './check-history.ts';
import type { HistoryEntry, State } from './history.ts';
import { makeUpHistory, OUTSIDER, type Step } from './made-up-history.ts';
import type { Violation } from './violation.ts';

const fate = fc.constantFrom('answered', 'answered', 'unknown', 'lost') as fc.Arbitrary<'answered'>;
const nat = fc.nat(50);
const send = fc.record({
  what: fc.constant('send' as const),
  who: nat,
  where: nat,
  via: fc.constantFrom('socket' as const, 'http' as const),
  fate,
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: send },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constantFrom('edit' as const, 'recall' as const), which: nat, fate }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('repeat' as const), which: nat }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('mark' as const), who: nat, where: nat, seq: nat }) },
  { weight: 1, arbitrary: fc.constant({ what: 'comeAndGo' as const }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('sync' as const), device: nat }) },
);
const steps = fc.array(step, { minLength: 3, maxLength: 40 });

/** A copy in which nothing is shared, so that one place can be spoiled alone. */
const copyOf = (entries: HistoryEntry[]): HistoryEntry[] => JSON.parse(JSON.stringify(entries));

test('no good history is found fault with', () => {
  fc.assert(
    fc.property(steps, (happened) => {
      expect(checkHistory(makeUpHistory(happened))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** Spoils a history in place; false when there is nothing in it to be spoiled so. `dice` picks. */
type Mutation = (entries: HistoryEntry[], dice: number) => boolean;

const MUTATIONS: [name: string, finds: Violation['promise'], Mutation][] = [
  ['an answered message is dropped from the store and everywhere', 'P1', dropAnswered],
  ['an answered message is dropped and the hole is closed', 'P1', dropAndCloseUp],
  ['an answered message says something else in the end', 'P1', forge],
  ['an answered read mark is taken back', 'P1', takeBackMark],
  ['a message is there a second time, at the end', 'P3', doubleMessage],
  ['a repeat is answered with another seq', 'P3', answerOtherSeq],
  ['two messages change places for one member', 'P2', swapForOne],
  ['two messages change places for everybody', 'P1', swapForAll],
  ['what somebody saw says something else', 'P2', forgeSighting],
  ['from some seq on everything is one higher', 'P2', renumber],
  ['an event is shown to an outsider', 'P6', showToOutsider],
  ['an event is shown to a member who was not there', 'P6', showToAbsent],
  ['an event is missing in a copy', 'P4', missInCopy],
  ['an event never came to a device that was online', 'P4', missPush],
  ['a sync begins at the beginning again', 'P4', syncAgain],
  ['the epoch is another', 'P4', changeEpoch],
  ['a line stands twice on a screen', 'P5', showTwice],
];

test.each(MUTATIONS)('found: %s (%s)', (_, promise, mutate) => {
  let spoiled = 0;
  fc.assert(
    fc.property(steps, fc.nat(), (happened, dice) => {
      const bad = copyOf(makeUpHistory(happened));
      fc.pre(mutate(bad, dice));
      spoiled++;
      expect(checkHistory(bad).map((violation) => violation.promise)).toContain(promise);
    }),
    { numRuns: 100, maxSkipsPerRun: 1_000 },
  );
  expect(spoiled).toBe(100);
});

const statesIn = (entries: HistoryEntry[]) => entries.filter((entry) => entry.entry === 'state');

function pick<T>(items: readonly T[], dice: number): T | undefined {
  return items[dice % Math.max(1, items.length)];
}

/** A message that was answered, as its answer has it. */
function answeredMessage(entries: HistoryEntry[], dice: number): WireMessage | undefined {
  const answers = entries.flatMap((entry) =>
    entry.entry === 'answered' && entry.request.kind === 'sendMessage' && 'message' in entry.answer
      ? [entry.answer.message]
      : [],
  );
  return pick(answers, dice);
}

/** Drops an event from what everybody has in the end. */
function drop(states: State[], { conversationId, seq }: { conversationId: string; seq: number }): void {
  for (const state of states.filter((each) => each.conversationId === conversationId)) {
    state.messages = state.messages.filter((message) => message.seq !== seq);
    state.events = state.events.filter((event) => event.seq !== seq);
  }
}

function shift(states: State[], conversationId: string, from: number, by: number): boolean {
  let shifted = false;
  for (const state of states.filter((each) => each.conversationId === conversationId)) {
    for (const event of [...state.messages, ...state.events]) {
      if (event.seq < from) continue;
      event.seq += by;
      shifted = true;
    }
  }
  return shifted;
}

function dropAnswered(entries: HistoryEntry[], dice: number): boolean {
  const message = answeredMessage(entries, dice);
  if (message) drop(statesIn(entries), message);
  return message !== undefined;
}

function dropAndCloseUp(entries: HistoryEntry[], dice: number): boolean {
  const message = answeredMessage(entries, dice);
  if (!message) return false;
  drop(statesIn(entries), message);
  shift(statesIn(entries), message.conversationId, message.seq + 1, -1);
  return true;
}

function forge(entries: HistoryEntry[], dice: number): boolean {
  const message = answeredMessage(entries, dice);
  if (!message) return false;
  for (const state of statesIn(entries)) {
    for (const stored of state.messages) {
      const isIt = stored.conversationId === message.conversationId && stored.seq === message.seq;
      if (isIt) stored.content = { text: { text: 'forged' } };
    }
  }
  return true;
}

function takeBackMark(entries: HistoryEntry[], dice: number): boolean {
  const marks = entries.flatMap((entry) =>
    entry.entry === 'answered' && 'readSeq' in entry.answer
      ? [{ uid: entry.uid, seq: entry.answer.readSeq, conversationId: entry.request.body.conversationId }]
      : [],
  );
  const mark = pick(marks, dice);
  if (!mark) return false;
  for (const { uid, conversationId, summary } of statesIn(entries)) {
    if (uid === mark.uid && conversationId === mark.conversationId && summary) summary.readSeq = mark.seq - 1;
  }
  return true;
}

function doubleMessage(entries: HistoryEntry[], dice: number): boolean {
  const message = answeredMessage(entries, dice);
  if (!message) return false;
  const own = statesIn(entries).filter((state) => state.conversationId === message.conversationId);
  const head = Math.max(
    ...own.flatMap((state) => [...state.messages, ...state.events].map(({ seq }) => seq)),
  );
  for (const state of own) {
    const stored = state.messages.find(({ seq }) => seq === message.seq);
    if (stored) state.messages.push({ ...stored, seq: head + 1, asOfSeq: head + 1 });
  }
  return true;
}

function answerOtherSeq(entries: HistoryEntry[], dice: number): boolean {
  const answers = entries.filter(
    (entry) => entry.entry === 'answered' && entry.via === 'http' && entry.request.kind === 'sendMessage',
  );
  const answered = pick(answers, dice);
  if (answered?.entry !== 'answered' || !('message' in answered.answer)) return false;
  const { message } = answered.answer;
  entries.push({ ...answered, answer: { message: { ...message, seq: message.seq + 1 } } });
  return true;
}

function swap(state: State, dice: number): boolean {
  const first = dice % Math.max(1, state.messages.length - 1);
  const [one, other] = [state.messages[first], state.messages[first + 1]];
  if (!one || !other) return false;
  [one.seq, other.seq] = [other.seq, one.seq];
  return true;
}

function swapForOne(entries: HistoryEntry[], dice: number): boolean {
  const state = pick(statesIn(entries), dice);
  return state !== undefined && swap(state, dice);
}

function swapForAll(entries: HistoryEntry[], dice: number): boolean {
  const message = answeredMessage(entries, dice);
  if (!message) return false;
  const own = statesIn(entries).filter((state) => state.conversationId === message.conversationId);
  const other = pick(
    own.flatMap((state) => state.messages).filter(({ seq }) => seq !== message.seq),
    dice,
  )?.seq;
  if (other === undefined) return false;
  for (const state of own) {
    for (const stored of state.messages) {
      if (stored.seq === message.seq) stored.seq = other;
      else if (stored.seq === other) stored.seq = message.seq;
    }
  }
  return true;
}

function forgeSighting(entries: HistoryEntry[], dice: number): boolean {
  const texts = entries.flatMap((entry) =>
    entry.entry === 'saw' ? [entry.event.message?.content?.text ?? entry.event.edited?.content?.text] : [],
  );
  const text = pick(
    texts.filter((each) => each !== undefined),
    dice,
  );
  if (text) text.text = 'forged';
  return text !== undefined;
}

function renumber(entries: HistoryEntry[], dice: number): boolean {
  const message = answeredMessage(entries, dice);
  return message !== undefined && shift(statesIn(entries), message.conversationId, message.seq, 1);
}

function showToOutsider(entries: HistoryEntry[], dice: number): boolean {
  const seen = pick(
    entries.filter((entry) => entry.entry === 'saw'),
    dice,
  );
  if (seen) entries.push({ ...seen, device: 'spy', uid: OUTSIDER });
  return seen !== undefined;
}

function showToAbsent(entries: HistoryEntry[], dice: number): boolean {
  const spans = entries.filter((entry) => entry.entry === 'member' && entry.uid === '3');
  const seen = pick(
    entries
      .filter((entry) => entry.entry === 'saw')
      .filter(({ event: { conversationId, seq } }) => {
        const isIn = spans.some(
          (span) => span.entry === 'member' && span.fromSeq <= seq && seq <= (span.toSeq ?? seq),
        );
        return conversationId.startsWith('s:') || !isIn;
      }),
    dice,
  );
  if (seen) entries.push({ ...seen, device: '3-a', uid: '3' });
  return seen !== undefined;
}

function missInCopy(entries: HistoryEntry[], dice: number): boolean {
  const copies = statesIn(entries).filter((state) => state.of !== 'history');
  const state = pick(copies, dice);
  const event = state && pick([...state.messages, ...state.events], dice);
  if (event) drop([state], { conversationId: state.conversationId, seq: event.seq });
  return event !== undefined;
}

function missPush(entries: HistoryEntry[], dice: number): boolean {
  const message = answeredMessage(entries, dice);
  const held = entries.find(
    (entry) =>
      entry.entry === 'held' &&
      entry.conversationId === message?.conversationId &&
      entry.seqs.includes(message.seq),
  );
  if (!message || held?.entry !== 'held') return false;
  held.seqs = held.seqs.filter((seq) => seq !== message.seq);
  return true;
}

function syncAgain(entries: HistoryEntry[], dice: number): boolean {
  const pages = entries.filter((entry) => entry.entry === 'synced');
  const page = pick(
    pages.filter((entry) =>
      entry.conversations.some(({ conversationId }) => conversationId.startsWith('s:')),
    ),
    dice,
  );
  if (page) entries.push({ ...page, from: page.to, to: 'another' });
  return page !== undefined;
}

function changeEpoch(entries: HistoryEntry[]): boolean {
  entries.push({ entry: 'welcomed', device: '1-a', uid: '1', epoch: 'two' });
  return true;
}

function showTwice(entries: HistoryEntry[], dice: number): boolean {
  const screen = pick(
    entries.filter((entry) => entry.entry === 'displayed'),
    dice,
  );
  const line = screen && pick(screen.lines, dice);
  if (line) screen.lines.push(line);
  return line !== undefined;
}
