import { createLocalBus } from '@im/common/bus/bus-local.ts';
import { delay } from '@im/common/utils/wait.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { openSendStream, textItem } from '../testing/send-stream-client.ts';
import { openSharedDatabase, type SharedDatabase } from '../testing/shared-database.ts';

/** Between a batch's last statement and its COMMIT: whoever is early is early by this. Milliseconds. */
const BEFORE_COMMIT_MS = 5;

let shared: SharedDatabase;
let chat: Chat;
/** Events that came to the bus and whether they were stored then. */
let published: { name: string; stored: boolean }[];

beforeEach(async () => {
  shared = await openSharedDatabase();
  const { database } = shared;
  published = [];
  const bus = createLocalBus();
  chat = await startChat({
    database: {
      ...database,
      transaction: (work) =>
        database.transaction(async (trx) => {
          const result = await work(trx);
          await delay(BEFORE_COMMIT_MS);
          return result;
        }),
    },
    bus: {
      ...bus,
      publish(records) {
        const looks = records.map(async ({ conversationId, kind }) => {
          if (kind.case !== 'event') return;
          const { seq } = kind.value;
          published.push({ name: `${conversationId} ${seq}`, stored: await isStored(conversationId, seq) });
        });
        return Promise.all(looks).then(() => bus.publish(records));
      },
    },
  });
  await chat.openAccount('1', '2');
});
afterEach(async () => {
  await chat.stop();
  await shared.remove();
});

/** What a process of its own would find at this moment. */
async function isStored(conversationId: string, seq: number): Promise<boolean> {
  const found = await shared.query(
    `select seq from event where conversation_id = '${conversationId}' and seq = ${seq}`,
  );
  return found.length === 1;
}

test('when an answer arrives, another connection to the database sees the event', async () => {
  const direct = await chat.befriend('1', '2');
  expect(await isStored(direct, 1)).toBe(true);
  const user = chat.user('1');
  const stream = openSendStream(chat.client('ws-gateway'));
  const streamed = stream.send(Array.from({ length: 20 }, (_, i) => textItem('2', direct, `streamed ${i}`)));
  const single = Array.from({ length: 20 }, (_, i) => user.send(direct, `single ${i}`));
  const seen = await Promise.all(
    [...streamed, ...single].map(async (answer) => isStored(direct, (await answer).seq)),
  );
  expect(seen).toEqual(Array.from({ length: 40 }, () => true));
  stream.abort();

  const { seq } = await user.send(direct, 'old');
  const edited = await user.edit(direct, seq, 'new');
  expect(textOf(edited)).toBe('new');
  expect(await isStored(direct, seq + 1)).toBe(true);
  await user.recall(direct, seq);
  expect(await isStored(direct, seq + 2)).toBe(true);
  await chat.user('2').markRead(direct, seq);
  const marks = await shared.query(
    `select read_seq from member where uid = '2' and conversation_id = '${direct}'`,
  );
  expect(marks).toEqual([{ read_seq: seq }]);
});

test('the bus gets what is committed, all of it, and never before', async () => {
  const direct = await chat.befriend('1', '2');
  const sends = Array.from({ length: 20 }, (_, i) => chat.user('1').send(direct, `text ${i}`));
  await Promise.all(sends);
  await expect.poll(() => published).toHaveLength(21);
  expect(published).toEqual(
    Array.from({ length: 21 }, (_, i) => ({ name: `${direct} ${i + 1}`, stored: true })),
  );
});
