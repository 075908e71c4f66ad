import { testEngine } from '@im/common/testing/test-store.ts';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';
import { refuseRows } from '../testing/refuse-rows.ts';
import { openSendStream, textItem } from '../testing/send-stream-client.ts';
import { openSharedDatabase, type SharedDatabase } from '../testing/shared-database.ts';

/** What SQLite reports when its file may not grow; a database that only says so is as good as a full disk. */
const FULL = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });

/** Of the sends that meet a full disk. Milliseconds. */
const DEADLINE_MS = 1_500;

let shared: SharedDatabase;
let chat: Chat;
let direct: string;
/** How the next COMMITs end, as the service sees them; none left: as they do. */
let commits: ('lost' | 'unknown')[];

beforeEach(async () => {
  shared = await openSharedDatabase();
  commits = [];
  const { database } = shared;
  chat = await startChat({
    database: {
      ...database,
      async transaction(work) {
        const fate = commits.shift();
        if (fate === 'lost') throw FULL;
        const result = await database.transaction(work);
        if (fate === 'unknown') throw FULL;
        return result;
      },
    },
  });
  await chat.openAccount('1', '2');
  direct = await chat.befriend('1', '2');
});
afterEach(async () => {
  await chat.stop();
  await shared.remove();
});

async function stored(): Promise<{ seq: number; text: string | undefined }[]> {
  const { messages } = await chat.user('2').messages(direct, { limit: 200 });
  return messages.map((message) => ({ seq: message.seq, text: textOf(message) }));
}

test('a record that always fails is refused alone; the others of its batch are stored', async () => {
  const letIn = await refuseRows(shared, 'insert', 'message_key', "new.client_msg_id = 'poison'");
  const stream = openSendStream(chat.client('ws-gateway'));
  const names = ['a', 'b', 'poison', 'c', 'd'];
  // What comes in one message makes one batch.
  const [a, b, poison, c, d] = stream.send(
    names.map((clientMsgId) => textItem('1', direct, clientMsgId, { clientMsgId })),
  );
  expect(await refusal(poison!)).toBe('INTERNAL_ERROR');
  const others = await Promise.all([a!, b!, c!, d!]);
  expect(others.map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
  expect((await stored()).map(({ text }) => text)).toEqual(['a', 'b', 'c', 'd']);
  // And once the store takes it, so does the conversation.
  await letIn();
  expect((await stream.send([textItem('1', direct, 'poison', { clientMsgId: 'poison' })])[0]!).seq).toBe(6);
  stream.abort();
});

test('in a group, what is behind a record that fails is refused with it', async () => {
  await refuseRows(shared, 'insert', 'message_key', "new.client_msg_id = 'poison'");
  const stream = openSendStream(chat.client('ws-gateway'));
  const [before, poison, behind, other] = stream.send([
    textItem('1', direct, 'before', { groupId: 1 }),
    textItem('1', direct, 'poison', { groupId: 1, clientMsgId: 'poison' }),
    textItem('1', direct, 'behind', { groupId: 1 }),
    textItem('2', direct, 'other', { groupId: 2 }),
  ]);
  expect((await before!).seq).toBe(2);
  expect(await refusal(poison!)).toBe('INTERNAL_ERROR');
  expect(await refusal(behind!)).toBe('EARLIER_SEND_REFUSED');
  expect((await other!).seq).toBe(3);
  stream.abort();
});

test('a passing trouble of the store is not seen', async () => {
  commits = ['lost', 'lost'];
  expect((await chat.user('1').send(direct, 'patience')).seq).toBe(2);
  expect(await stored()).toEqual([{ seq: 2, text: 'patience' }]);
});

test('a COMMIT whose answer was lost is found again: one message, its own seq', async () => {
  commits = ['unknown'];
  const answers = await Promise.all([
    chat.user('1').send(direct, 'a', { clientMsgId: 'a' }),
    chat.user('2').send(direct, 'b', { clientMsgId: 'b' }),
  ]);
  // Of two at once either may be the first.
  const [a, b] = answers.map(({ seq }) => seq);
  expect([a, b].sort()).toEqual([2, 3]);
  expect(new Set(await stored())).toEqual(
    new Set([
      { seq: a, text: 'a' },
      { seq: b, text: 'b' },
    ]),
  );
  expect((await chat.user('1').send(direct, 'c')).seq).toBe(4);
});

test('shortly before the deadline the store is asked whether an unknown COMMIT was one', async () => {
  commits = ['unknown', ...Array.from({ length: 100 }, () => 'lost' as const)];
  const answer = await chat.user('1').send(direct, 'in doubt', { clientMsgId: 'a', timeoutMs: 600 });
  expect(answer.seq).toBe(2);
  commits = [];
  expect((await chat.user('1').send(direct, 'in doubt', { clientMsgId: 'a' })).seq).toBe(2);
  expect(await stored()).toEqual([{ seq: 2, text: 'in doubt' }]);
});

// The tests' MySQL server is shared: nobody fills its disk.
test.skipIf(testEngine() === 'mysql')(
  'a full disk is a clear answer within the deadline; with room again nothing acked is missing',
  async () => {
    // Text that needs new pages soon.
    const long = 'lang '.repeat(1_500);
    const send = (i: number, timeoutMs = DEADLINE_MS) =>
      chat.user('1').send(direct, `${i} ${long}`, { clientMsgId: `m${i}`, timeoutMs });
    await send(0);
    const setPages = (pages: number) =>
      shared.database.transaction((trx) => sql.raw(`PRAGMA max_page_count = ${pages}`).execute(trx));
    const { rows } = await sql<{ page_count: number }>`PRAGMA page_count`.execute(shared.database.read);
    await setPages(rows[0]!.page_count + 4);

    const acked = new Map<number, number>();
    let refusedReason: string | undefined;
    for (let i = 1; refusedReason === undefined; i += 1) {
      const startedAt = performance.now();
      const outcome = await send(i).catch((error) => error);
      if (outcome instanceof Error) {
        refusedReason = (outcome as Error & { reason?: string }).reason;
        expect(performance.now() - startedAt).toBeLessThan(DEADLINE_MS);
      } else acked.set(i, outcome.seq);
    }
    expect(refusedReason).toBe('STORE_AWAY');

    await setPages(1_000_000);
    const last = acked.size + 1;
    for (const [i, seq] of acked) expect((await send(i)).seq).toBe(seq);
    expect((await send(last)).seq).toBe(last + 2);
    expect((await stored()).map(({ text }) => text)).toEqual(
      Array.from({ length: last + 1 }, (_, i) => `${i} ${long}`),
    );
  },
);
