import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CommittedRecord, CommittedRecordSchema } from '../gen/im/bus/v1/record_pb.ts';
import type { Event, EventSchema } from '../gen/im/chat/v1/event_pb.ts';
import type { OfflineCache, OfflineRange } from './offline-cache.ts';

type Kind = MessageInitShape<typeof EventSchema>['kind'];

const CONVERSATION = 'g:1';
const RECALLED_AT = '2026-01-02T00:00:00.000Z';

/** What every implementation of OfflineCache promises. `open` gives an empty one and how to let go of it. */
export function offlineCacheConformance(
  name: string,
  open: () => Promise<{ cache: OfflineCache; close(): Promise<void> }>,
): void {
  describe(`offline cache: ${name}`, () => {
    let cache: OfflineCache;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ cache, close } = await open());
    });
    afterEach(() => close());

    async function seqs(range: Partial<OfflineRange>, conversationId = CONVERSATION) {
      return (await read(range, conversationId))?.map((event) => event.seq);
    }
    function read(range: Partial<OfflineRange>, conversationId = CONVERSATION) {
      return cache.read(conversationId, { epoch: 'e', sinceChangeNo: 0, headSeq: 0, ...range });
    }

    test('events are read back as they were sent, in seq order', async () => {
      await cache.append([message(1), message(2), edited(3, 1, 'edited')]);
      const events = await read({ headSeq: 3 });
      expect(events?.map(textOf)).toEqual(['text 1', 'text 2', 'edited']);
      expect(events?.[0]).toEqual((message(1).kind as { value: Event }).value);
    });

    test('only events above the change asked for are given', async () => {
      await cache.append([message(1), message(2), message(3)]);
      expect(await seqs({ headSeq: 3, sinceChangeNo: changeNoOf(2) })).toEqual([3]);
      expect(await seqs({ headSeq: 3, sinceChangeNo: changeNoOf(3) })).toEqual([]);
    });

    test('nothing is given unless the list ends exactly at the head', async () => {
      await cache.append([message(1), message(2)]);
      expect(await read({ headSeq: 3 })).toBeUndefined();
      expect(await read({ headSeq: 1 })).toBeUndefined();
    });

    test('nothing is given unless the list reaches back to the change asked for', async () => {
      await cache.append([message(5), message(6)]);
      expect(await read({ headSeq: 6, sinceChangeNo: 0 })).toBeUndefined();
      expect(await read({ headSeq: 6, sinceChangeNo: changeNoOf(4) })).toBeUndefined();
      expect(await seqs({ headSeq: 6, sinceChangeNo: changeNoOf(5) })).toEqual([6]);
    });

    test('a repeat is ignored', async () => {
      await cache.append([message(1), message(2)]);
      await cache.append([message(1, 'other'), message(2, 'other'), message(3)]);
      expect((await read({ headSeq: 3 }))?.map(textOf)).toEqual(['text 1', 'text 2', 'text 3']);
    });

    test('a jump starts the list anew', async () => {
      await cache.append([message(1), message(2), message(4)]);
      expect(await read({ headSeq: 4 })).toBeUndefined();
      expect(await seqs({ headSeq: 4, sinceChangeNo: changeNoOf(4) })).toEqual([]);
      await cache.append([message(5)]);
      expect(await seqs({ headSeq: 5, sinceChangeNo: changeNoOf(4) })).toEqual([5]);
    });

    test('a recall leaves a tombstone of the message and takes the text out of its edits', async () => {
      await cache.append([message(1), edited(2, 1, 'secret'), message(3), recalled(4, 1)]);
      const events = (await read({ headSeq: 4 }))!;
      expect(events.map(textOf)).toEqual([undefined, undefined, 'text 3', undefined]);
      const [target] = events;
      expect(target?.kind.case === 'message' && target.kind.value.recalledAt).toBe(RECALLED_AT);
    });

    test('what was read before a recall stays as it was', async () => {
      await cache.append([message(1)]);
      const before = await read({ headSeq: 1 });
      await cache.append([recalled(2, 1)]);
      expect(before?.map(textOf)).toEqual(['text 1']);
    });

    test('another epoch starts the list anew, even where the seqs go on', async () => {
      await cache.append([message(1), message(2)]);
      expect(await read({ headSeq: 2, epoch: 'other' })).toBeUndefined();
      await cache.append([message(3, 'text 3', 'other')]);
      expect(await read({ headSeq: 3, epoch: 'other' })).toBeUndefined();
      expect(await seqs({ headSeq: 3, epoch: 'other', sinceChangeNo: changeNoOf(3) })).toEqual([]);
      await cache.append([message(1, 'anew', 'third')]);
      expect((await read({ headSeq: 1, epoch: 'third' }))?.map(textOf)).toEqual(['anew']);
    });

    test('conversations are kept apart, and one never heard of is not there', async () => {
      await cache.append([message(1), { ...message(1), conversationId: 'g:2' }]);
      expect(await seqs({ headSeq: 1 })).toEqual([1]);
      expect(await seqs({ headSeq: 1 }, 'g:2')).toEqual([1]);
      expect(await read({ headSeq: 1 }, 'g:3')).toBeUndefined();
    });

    test('records that are no events are left out', async () => {
      await cache.append([
        record(1, { case: 'readMark', value: { uid: '1', seq: 1 } }),
        message(1),
        record(2, { case: 'hidden', value: { uid: '1', seq: 1 } }),
      ]);
      expect(await seqs({ headSeq: 1 })).toEqual([1]);
    });

    test('a list of any length is either whole or not there', async () => {
      const many = Array.from({ length: 1_000 }, (_, i) => message(i + 1));
      for (const one of many) await cache.append([one]);
      const all = await seqs({ headSeq: 1_000 });
      expect(all === undefined || all.length === 1_000).toBe(true);
      const newest = await seqs({ headSeq: 1_000, sinceChangeNo: changeNoOf(990) });
      expect(newest).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
    });
  });
}

/** Other conversations of the partition change in between. */
const changeNoOf = (seq: number) => seq * 10;

function record(
  changeNo: number,
  kind: MessageInitShape<typeof CommittedRecordSchema>['kind'],
  epoch = 'e',
): CommittedRecord {
  return create(CommittedRecordSchema, {
    conversationId: CONVERSATION,
    changeNo: BigInt(changeNo),
    epoch,
    kind,
  });
}

function event(seq: number, kind: Kind, epoch?: string, at = '2026-01-01T00:00:00.000Z'): CommittedRecord {
  const value = { conversationId: CONVERSATION, seq, at, actorUid: '1', kind };
  return record(changeNoOf(seq), { case: 'event', value }, epoch);
}

function message(seq: number, text = `text ${seq}`, epoch?: string): CommittedRecord {
  return event(seq, { case: 'message', value: { seq, content: content(text), asOfSeq: seq } }, epoch);
}

function edited(seq: number, targetSeq: number, text: string): CommittedRecord {
  return event(seq, { case: 'edited', value: { targetSeq, content: content(text) } });
}

function recalled(seq: number, targetSeq: number): CommittedRecord {
  return event(seq, { case: 'recalled', value: { targetSeq } }, 'e', RECALLED_AT);
}

function content(text: string) {
  return { kind: { case: 'text', value: { text } } } as const;
}

function textOf({ kind }: Event): string | undefined {
  if (kind.case !== 'message' && kind.case !== 'edited') return undefined;
  const text = kind.value.content?.kind;
  return text?.case === 'text' ? text.value.text : undefined;
}
