import { afterEach, expect, test } from 'vitest';
import { type Chat, startChat } from './testing/chat-fixture.ts';
import { openSharedDatabase, type SharedDatabase } from './testing/shared-database.ts';

let shared: SharedDatabase;
const chats: Chat[] = [];

afterEach(async () => {
  for (const chat of chats.splice(0)) await chat.stop();
  await shared.remove();
});

test('the number of partitions is that of the first start, whatever is set later', async () => {
  shared = await openSharedDatabase();
  const first = await startChat({ database: shared.database, settings: { partitions: 3 } });
  chats.push(first);
  await first.openAccount('1', '2');
  const direct = await first.befriend('1', '2');
  await first.user('1').send(direct, 'before');
  const second = await startChat({ database: shared.database, settings: { partitions: 64 } });
  chats.push(second);
  expect((await second.user('1').send(direct, 'after')).seq).toBe(3);
  expect(await shared.database.read.selectFrom('log_partition').selectAll().execute()).toHaveLength(3);
});
