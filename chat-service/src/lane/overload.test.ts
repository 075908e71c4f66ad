import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';
import { holdWrites } from '../testing/hold-writes.ts';
import { refusal, refusedWith } from '../testing/refusal.ts';
import { openSendStream, type SendStreamClient, textItem } from '../testing/send-stream-client.ts';

/** Longer than any of these tests. Milliseconds. */
const LONG_MS = 20_000;

let chat: Chat;
let stream: SendStreamClient;
let direct: string;
let release: () => void;

beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
  direct = await chat.befriend('1', '2');
  stream = openSendStream(chat.client('ws-gateway'));
  release = await holdWrites(chat.database);
});
afterEach(async () => {
  release();
  stream.abort();
  await chat.stop();
});

test('while something has waited for more than a second, new sends are refused and nothing else is lost', async () => {
  const startedAt = performance.now();
  const [inStore, behind, invalid] = stream.send([
    textItem('1', direct, 'in the store', { timeoutMs: LONG_MS }),
    textItem('2', direct, 'behind it', { timeoutMs: LONG_MS }),
    textItem('2', 'nowhere', 'answered at once'),
  ]);
  expect(await refusal(invalid!)).toBe('INVALID_FIELD');
  let tries = 0;
  async function reasonOfNext(): Promise<string | undefined> {
    tries += 1;
    return chat
      .user('1')
      .send(direct, `try ${tries}`, { clientMsgId: `t${tries}`, timeoutMs: 50 })
      .then(
        () => undefined,
        (error) => error.reason,
      );
  }
  await expect.poll(reasonOfNext, { timeout: 5_000, interval: 100 }).toBe('OVERLOADED');
  expect(performance.now() - startedAt).toBeGreaterThan(1_000);
  const refused = await refusedWith(chat.user('2').send(direct, 'not now'));
  expect(refused.reason).toBe('OVERLOADED');
  expect(Number(refused.metadata.retryAfterMs)).toBeGreaterThan(0);

  // Of a group, the rest goes with the one that was refused.
  const [first, rest] = stream.send([
    textItem('1', direct, 'not now', { groupId: 1 }),
    textItem('1', direct, 'not then', { groupId: 1 }),
  ]);
  expect(await refusal(first!)).toBe('OVERLOADED');
  expect(['OVERLOADED', 'EARLIER_SEND_REFUSED']).toContain(await refusal(rest!));

  release();
  expect((await Promise.all([inStore!, behind!])).map(({ seq }) => seq)).toEqual([2, 3]);
  expect((await chat.user('2').send(direct, 'now')).seq).toBe(4);
  const { messages } = await chat.user('2').messages(direct);
  expect(messages.map(textOf)).toEqual(['in the store', 'behind it', 'now']);
});

test('one that waited behind the store beyond its deadline is never stored', async () => {
  const [first, invalid] = stream.send([
    textItem('2', direct, 'in the store', { timeoutMs: LONG_MS }),
    textItem('2', 'nowhere', 'answered at once'),
  ]);
  expect(await refusal(invalid!)).toBe('INVALID_FIELD');
  // The first is with the store, so this one waits behind it.
  expect(await refusal(chat.user('1').send(direct, 'too late', { timeoutMs: 60 }))).toBe('DEADLINE_PASSED');
  release();
  await first;
  expect((await chat.user('1').send(direct, 'in time')).seq).toBe(3);
});

test('an instance that stops finishes what it has taken on', async () => {
  const send = chat.user('1').send(direct, 'before the end', { clientMsgId: 'a' });
  // One that is answered at once has come after it.
  await chat.user('1').conversations();
  const restarted = chat.restart();
  release();
  await Promise.allSettled([send]);
  await restarted;
  expect((await chat.user('1').send(direct, 'before the end', { clientMsgId: 'a' })).seq).toBe(2);
  const { messages } = await chat.user('2').messages(direct);
  expect(messages.map(textOf)).toEqual(['before the end']);
});
