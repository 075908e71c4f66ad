import type { MetricValueWithName } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from './testing/chat-fixture.ts';
import { holdWrites } from './testing/hold-writes.ts';
import { refusedWith } from './testing/refusal.ts';
import { openSendStream, textItem } from './testing/send-stream-client.ts';

let chat: Chat;
let direct: string;
beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
  direct = await chat.befriend('1', '2');
});
afterEach(() => chat.stop());

/** Every sample of a metric by its labels' values, '' where it has none. */
async function samples(name: string): Promise<Record<string, number>> {
  const { values } = await chat.metrics(name);
  return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
}

test('records are counted by what their callers were told', async () => {
  const before = (await samples('im_log_records_total')).answered ?? 0;
  await chat.user('1').send(direct, 'hello', { clientMsgId: 'one' });
  await chat.user('1').send(direct, 'hello', { clientMsgId: 'one' });
  await refusedWith(chat.user('1').send(direct, 'another', { clientMsgId: 'one' }));
  await chat.setBlock('2', '1');
  await refusedWith(chat.user('1').send(direct, 'are you there'));
  expect(await samples('im_log_records_total')).toEqual({
    answered: before + 3,
    MESSAGE_ID_REUSED: 1,
    DIRECT_NOT_ALLOWED: 1,
  });
});

test('what waits for the store is seen, and then the transaction that took it', async () => {
  const batches = async () =>
    (await chat.metrics('im_log_batch_records')).values as MetricValueWithName<string>[];
  const sum = async (name: string) =>
    (await batches()).find((sample) => sample.metricName === `im_log_batch_records_${name}`)?.value ?? 0;
  const [transactions, records] = [await sum('count'), await sum('sum')];
  expect(await samples('im_log_oldest_waiting_seconds')).toEqual({ '': 0 });
  const release = await holdWrites(chat.database);
  const stream = openSendStream(chat.client('ws-gateway'));
  const answers = stream.send(
    ['a', 'b', 'c'].map((text) => textItem('1', direct, text, { timeoutMs: 20_000 })),
  );
  try {
    await expect.poll(async () => (await samples('im_log_oldest_waiting_seconds'))['']).toBeGreaterThan(0.05);
  } finally {
    release();
  }
  await Promise.all(answers);
  stream.abort();
  expect(await samples('im_log_oldest_waiting_seconds')).toEqual({ '': 0 });
  expect([(await sum('count')) - transactions, (await sum('sum')) - records]).toEqual([1, 3]);
});
