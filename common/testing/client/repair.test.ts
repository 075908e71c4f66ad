import { expect, test } from 'vitest';
import { eventually } from '../eventually.ts';
import { createLocalStore } from './local-store.ts';
import { createRepair } from './repair.ts';
import type { ImSocket } from './socket.ts';
import type { WireEvent, WireSync } from './wire.ts';

const ID = 's:1:2';

function event(seq: number): WireEvent {
  return { conversationId: ID, seq, at: '', actorUid: '1' };
}

function emptyPage(cursor: string, epoch: string, more = false): WireSync {
  return { conversations: [], hidden: [], cursor, more, epoch };
}

/** A connection that answers by `answer` and remembers what it was asked. */
function connection(answer: (kind: string, body: Record<string, unknown>) => unknown) {
  const asked: [string, Record<string, unknown>][] = [];
  const socket = {
    async request(kind: string, body: Record<string, unknown>) {
      asked.push([kind, body]);
      return answer(kind, body);
    },
    terminate() {},
  } as unknown as ImSocket;
  return { asked, socket };
}

test('a jump in seq is asked for once, and again only for what an answer cut off', async () => {
  const store = createLocalStore();
  const repair = createRepair(store, () => {});
  const { asked, socket } = connection((_, { fromSeq }) => {
    const seqs = fromSeq === 2 ? [2, 3, 4] : [5];
    return { messages: [], events: seqs.map(event), fromSeq: seqs[0], toSeq: seqs.at(-1) };
  });
  repair.connect(socket);
  const copy = store.conversation(ID);
  copy.add(event(1));
  copy.add(event(6));
  repair.gaps(ID);
  copy.add(event(7));
  repair.gaps(ID);
  await eventually(() => expect(repair.isBusy).toBe(false));
  expect(copy.knownTo).toBe(7);
  expect(asked.map(([, body]) => [body.fromSeq, body.toSeq])).toEqual([
    [2, 5],
    [5, 5],
  ]);
});

test('sync goes on while there is more, each page from the cursor of the one before', async () => {
  const store = createLocalStore();
  const repair = createRepair(store, () => {});
  const { asked, socket } = connection((_, { cursor }) =>
    cursor === undefined ? emptyPage('one', 'e', true) : emptyPage('two', 'e'),
  );
  repair.connect(socket);
  await repair.sync();
  expect(asked).toEqual([
    ['sync', {}],
    ['sync', { cursor: 'one' }],
  ]);
  expect(store.cursor).toBe('two');
});

test('another epoch drops the copy and syncs afresh', async () => {
  const store = createLocalStore();
  store.takeSync(emptyPage('old', 'before'));
  store.conversation(ID).add(event(1));
  const repair = createRepair(store, () => {});
  const { asked, socket } = connection(() => emptyPage('new', 'after'));
  repair.connect(socket);
  await repair.sync();
  expect(asked).toEqual([
    ['sync', { cursor: 'old' }],
    ['sync', {}],
  ]);
  expect(store.conversation(ID).has(1)).toBe(false);
  expect(store.epoch).toBe('after');
});
