import { eventually } from '@im/common/testing/eventually.ts';
import { startTestProcess, type TestProcess } from '@im/common/testing/test-process.ts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ChatStandIn, createChatStandIn } from '../testing/chat-stand-in.ts';
import type { TestSocket } from '../testing/socket-client.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;
let first: ChatStandIn;
let second: ChatStandIn;
let secondProcess: TestProcess;

beforeEach(async () => {
  gateway = await startGateway();
  first = gateway.chat;
  second = createChatStandIn();
  const { network, serviceKeys } = gateway.process.kit;
  secondProcess = await startTestProcess({ modules: [[second.module, {}]], network, serviceKeys });
  await eventually(() => expect([first.openStreams, second.openStreams]).toEqual([1, 1]));
});
afterEach(async () => {
  await gateway.stop();
  await secondProcess.stop();
});

const message = (conversationId: string, clientMsgId: string) => ({
  sendMessage: { conversationId, clientMsgId, content: { text: { text: clientMsgId } } },
});
const groups = Array.from({ length: 40 }, (_, index) => `g:${index + 1}`);
const idsOf = (chat: ChatStandIn) => chat.items.map(({ request }) => request.value!.conversationId);

/** Conversations that the first instance writes, and those of the second. */
async function conversations(socket: TestSocket) {
  await Promise.all(groups.map((group) => socket.ask(message(group, 'before'))));
  const found = { first: idsOf(first), second: idsOf(second) };
  for (const chat of [first, second]) {
    chat.items.length = 0;
    chat.stored.length = 0;
  }
  return found;
}

test('conversations are spread over the instances, and each keeps to its own', async () => {
  const socket = await gateway.join('1');
  const before = await conversations(socket);
  expect(before.first.length).toBeGreaterThan(5);
  expect(before.second.length).toBeGreaterThan(5);
  expect([...before.first, ...before.second].sort()).toEqual([...groups].sort());
  await Promise.all(groups.map((group) => socket.ask(message(group, 'again'))));
  expect(idsOf(first).sort()).toEqual(before.first.sort());
  expect(idsOf(second).sort()).toEqual(before.second.sort());
});

test('when an instance dies, what is unanswered goes to the other in order, and so does what follows', async () => {
  const socket = await gateway.join('1');
  const { second: ids } = await conversations(socket);
  const conversation = ids[0]!;
  second.onItem = () => 'nothing';
  const unanswered = ['a', 'b', 'c'].map((id) => socket.send(message(conversation, id)));
  await eventually(() => expect(second.items).toHaveLength(3));
  const waiting = socket.send(message(conversation, 'd'));
  await socket.ask({ ping: {} });
  second.isAway = true;
  second.breakStreams();
  await Promise.all([...unanswered, waiting].map((id) => socket.answerTo(id)));
  expect(first.stored).toEqual(['a', 'b', 'c', 'd'].map((id) => `${conversation} ${id}`));
  await socket.ask(message(conversation, 'e'));
  expect(first.stored).toContain(`${conversation} e`);
  // Back again, it gets its own conversations.
  second.isAway = false;
  second.onItem = () => 'stored';
  await vi.waitFor(() => expect(second.openStreams).toBe(1), { timeout: 5_000 });
  await eventually(async () => {
    const id = `back ${Math.random()}`;
    await socket.ask(message(conversation, id));
    expect(second.stored).toContain(`${conversation} ${id}`);
  });
});

test('an instance that takes everything and answers nothing is passed over', async () => {
  const socket = await gateway.join('1');
  const { second: ids } = await conversations(socket);
  second.onItem = () => 'nothing';
  const answer = await socket.ask(message(ids[0]!, 'a'));
  expect(answer).toMatchObject({ sendMessage: { message: { clientMsgId: 'a' } } });
  expect(first.stored).toEqual([`${ids[0]} a`]);
});

test('an instance that stops gets nothing more, and nobody notices', async () => {
  const socket = await gateway.join('1');
  const { second: ids } = await conversations(socket);
  const sent = ids.map((id) => socket.send(message(id, 'a')));
  await Promise.all([secondProcess.stop(), ...sent.map((id) => socket.answerTo(id))]);
  const answers = await Promise.all(ids.map((id) => socket.ask(message(id, 'b'))));
  for (const answer of answers) expect(answer).toMatchObject({ sendMessage: {} });
  expect(idsOf(first).filter((id) => ids.includes(id)).length).toBeGreaterThanOrEqual(ids.length);
});

test('sends wait for the first instance that comes', async () => {
  const socket = await gateway.join('1');
  for (const chat of [first, second]) {
    chat.isAway = true;
    chat.breakStreams();
  }
  await eventually(() => expect(first.openStreams + second.openStreams).toBe(0));
  const sent = groups.slice(0, 10).map((id) => socket.send(message(id, 'a')));
  await socket.ask({ ping: {} });
  second.isAway = false;
  for (const id of sent) expect(await socket.answerTo(id)).toMatchObject({ sendMessage: {} });
  expect(second.stored).toHaveLength(10);
});
