import { clone, create, type MessageInitShape } from '@bufbuild/protobuf';
import { type Event, EventSchema } from '@im/common/gen/im/chat/v1/event_pb.ts';
import { expect, test } from 'vitest';
import { fold } from './fold.ts';

type Kind = MessageInitShape<typeof EventSchema>['kind'];

const at = (seq: number) => new Date(seq * 1_000).toISOString();
const event = (seq: number, kind: Kind) => create(EventSchema, { seq, at: at(seq), kind });
const content = (text: string) => ({ kind: { case: 'text', value: { text } } }) as const;
const message = (seq: number) =>
  event(seq, { case: 'message', value: { seq, content: content(`text ${seq}`), asOfSeq: seq } });
const edited = (seq: number, targetSeq: number, text = `edit ${seq}`) =>
  event(seq, { case: 'edited', value: { targetSeq, content: content(text) } });
const recalled = (seq: number, targetSeq: number) => event(seq, { case: 'recalled', value: { targetSeq } });

function shown({ kind }: Event) {
  if (kind.case !== 'message' && kind.case !== 'edited') return undefined;
  const text = kind.value.content?.kind;
  return text?.case === 'text' ? text.value.text : undefined;
}

function messageIn(events: readonly Event[], seq: number) {
  const kind = events.find((each) => each.seq === seq)?.kind;
  if (kind?.case !== 'message') throw new Error('no such message');
  return kind.value;
}

test('a message shows its newest edit and includes everything up to the head', () => {
  const events = fold([message(1), edited(2, 1), edited(3, 1)], 7);
  expect(events.map(shown)).toEqual(['edit 3', 'edit 2', 'edit 3']);
  expect(messageIn(events, 1)).toMatchObject({ editedAt: at(3), asOfSeq: 7 });
});

test('a recalled message shows nothing, nor do its edits', () => {
  const events = fold([message(1), edited(2, 1), recalled(3, 1)], 3);
  expect(events.map(shown)).toEqual([undefined, undefined, undefined]);
  expect(messageIn(events, 1)).toMatchObject({ editedAt: at(2), recalledAt: at(3) });
});

test('a tombstone stays one, and knows that it was edited', () => {
  const blank = event(1, { case: 'message', value: { seq: 1, recalledAt: at(3) } });
  const events = fold([blank, edited(2, 1), recalled(3, 1)], 3);
  expect(events.map(shown)).toEqual([undefined, undefined, undefined]);
  expect(messageIn(events, 1)).toMatchObject({ editedAt: at(2), recalledAt: at(3) });
});

test('events about a message that is not among them stay as they are', () => {
  const events = [edited(5, 1), recalled(6, 2), message(7)];
  expect(fold(events, 7)).toEqual(events);
});

test('what is given is not changed', () => {
  const given = [message(1), edited(2, 1), message(3), recalled(4, 3), edited(5, 3)];
  const before = given.map((each) => clone(EventSchema, each));
  fold(given, 9);
  expect(given).toEqual(before);
});
