import { expect, test } from 'vitest';
import { startChat } from './chat-fixture.ts';

test('try', async () => {
  const chat = await startChat();
  await chat.openAccount('1', '2', '3');
  const c = await chat.befriend('1', '2');
  const m = await chat.user('1').send(c, 'hi');
  expect(m.seq).toBe(2);
  const g = await chat.makeGroup('5', ['1', '2']);
  const m2 = await chat.user('2').send(g, 'hi');
  expect(m2.seq).toBe(3);
  await chat.user('1').update(g, { pinned: true, clearedSeq: 2 });
  console.log(JSON.stringify(await chat.user('1').sync(), (k, v) => (typeof v === 'bigint' ? String(v) : v)));
  await chat.restart();
  expect((await chat.user('1').send(c, 'hi')).seq).toBe(3);
  await chat.stop();
});
