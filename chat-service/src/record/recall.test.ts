import { Role_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textContent, textOf } from '../testing/chat-user.ts';
import { refusal } from '../testing/refusal.ts';
import { openSendStream, type StreamItem, textItem } from '../testing/send-stream-client.ts';

const WINDOW_SECONDS = 60;

let chat: Chat;
let direct: string;

beforeEach(async () => {
  chat = await startChat({ settings: { recallWindowSeconds: WINDOW_SECONDS } });
  await chat.openAccount('1', '2');
  direct = await chat.befriend('1', '2');
});
afterEach(() => chat.stop());

/** Every place of the database whose bytes contain the text. */
async function placesOf(text: string): Promise<string[]> {
  const { read } = chat.database;
  const wanted = Buffer.from(text);
  const found = new Set<string>();
  for (const { name } of await read.introspection.getTables()) {
    const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(read);
    for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
      const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value));
      if (bytes.includes(wanted)) found.add(`${name}.${column}`);
    }
  }
  return [...found];
}

test('after a recall no table holds the text of the message or of its edits', async () => {
  const user = chat.user('1');
  const { seq } = await user.send(direct, 'SECRET first');
  for (const text of ['SECRET second', 'SECRET third', 'SECRET fourth']) await user.edit(direct, seq, text);
  expect(await placesOf('SECRET')).toEqual(['event.body', 'event.state']);
  await user.recall(direct, seq);
  expect(await placesOf('SECRET')).toEqual([]);
  const { messages, events } = await chat.user('2').messages(direct, { fromSeq: 2 });
  expect(messages[0]!.content).toBeUndefined();
  for (const { kind } of events) if (kind.case === 'edited') expect(kind.value.content).toBeUndefined();
});

test('nor when all of it happens in one batch, or over a restart', async () => {
  const user = chat.user('1');
  const stream = openSendStream(chat.client('ws-gateway'));
  const target = { conversationId: direct, seq: 2 };
  const edit = (text: string, clientMsgId: string): StreamItem => ({
    uid: '1',
    groupId: 1,
    request: { case: 'editMessage', value: { ...target, clientMsgId, content: textContent(text) } },
  });
  // What comes in one message makes one batch.
  const items = stream.send([
    textItem('1', direct, 'SECRET first', { groupId: 1 }),
    edit('SECRET second', 'e1'),
    edit('SECRET third', 'e2'),
    { uid: '1', groupId: 1, request: { case: 'recallMessage', value: { ...target, clientMsgId: 'r' } } },
  ]);
  expect((await Promise.all(items)).map(({ seq }) => seq)).toEqual([2, 2, 2, 2]);
  stream.abort();
  expect(await placesOf('SECRET')).toEqual([]);

  const later = await user.send(direct, 'SECRET fourth');
  await user.edit(direct, later.seq, 'SECRET fifth');
  await chat.restart();
  await user.edit(direct, later.seq, 'SECRET sixth');
  await user.recall(direct, later.seq);
  expect(await placesOf('SECRET')).toEqual([]);
});

test('a second recall changes nothing and answers the present state', async () => {
  const user = chat.user('1');
  const { seq } = await user.send(direct, 'oops');
  const first = await user.recall(direct, seq, 'r1');
  expect(first.recalledAt).toBe(new Date(chat.clock.now()).toISOString());
  expect(first.content).toBeUndefined();
  chat.clock.advance(1_000);
  expect(await user.recall(direct, seq, 'r2')).toEqual(first);
  expect(await user.recall(direct, seq, 'r1')).toEqual(first);
  expect((await user.conversation(direct)).headSeq).toBe(3);
});

test('its sender recalls a message within the window, nobody else in a direct conversation', async () => {
  const { seq } = await chat.user('1').send(direct, 'oops');
  expect(await refusal(chat.user('2').recall(direct, seq))).toBe('NOT_THE_SENDER');
  chat.clock.advance(WINDOW_SECONDS * 1_000 + 1);
  expect(await refusal(chat.user('1').recall(direct, seq))).toBe('RECALL_WINDOW_PASSED');
  const later = await chat.user('1').send(direct, 'oops again');
  chat.clock.advance(WINDOW_SECONDS * 1_000);
  await chat.user('1').recall(direct, later.seq);
});

test('who was blocked may still take back what they said', async () => {
  const { seq } = await chat.user('1').send(direct, 'oops');
  await chat.setBlock('2', '1');
  expect((await chat.user('1').recall(direct, seq)).recalledAt).toBeDefined();
});

test("in a group the owner recalls anything, an admin all but the owner's and other admins'", async () => {
  const group = await chat.makeGroup('5', ['1', '2', '3', '4']);
  const role = (uid: string, value: Role_Value) =>
    chat.append('group-service', group, { case: 'updateMember', value: { uid, role: value } });
  await role('2', Role_Value.ADMIN);
  await role('3', Role_Value.ADMIN);
  const seqOf = async (uid: string) => (await chat.user(uid).send(group, `of ${uid}`)).seq;
  const [owners, admins, others, members, another] = [
    await seqOf('1'),
    await seqOf('2'),
    await seqOf('3'),
    await seqOf('4'),
    await seqOf('4'),
  ];
  chat.clock.advance(WINDOW_SECONDS * 1_000 + 1);
  const admin = chat.user('2');
  expect(await refusal(admin.recall(group, owners))).toBe('NOT_THE_SENDER');
  expect(await refusal(admin.recall(group, others))).toBe('NOT_THE_SENDER');
  expect(await refusal(chat.user('4').recall(group, owners))).toBe('NOT_THE_SENDER');
  expect(await refusal(chat.user('4').recall(group, members))).toBe('RECALL_WINDOW_PASSED');
  // Long after the window too.
  await admin.recall(group, members);
  await admin.recall(group, admins);
  await chat.user('1').recall(group, others);
  await chat.removeMembers(group, ['4']);
  await admin.recall(group, another);
  const { messages } = await chat.user('1').messages(group);
  expect(messages.filter(({ recalledAt }) => recalledAt === undefined).map(textOf)).toEqual(['of 1']);
});

test('the system recalls anything at any time, twice with one effect', async () => {
  const { seq } = await chat.user('1').send(direct, 'SECRET');
  chat.clock.advance(WINDOW_SECONDS * 1_000_000);
  const speakFor = { kind: 'apiKey', keyId: 'k', scopes: ['messages'] } as const;
  const recall = (conversationId: string, target: number) =>
    chat.client('api-gateway').adminRecallMessage({ conversationId, seq: target }, { speakFor });
  const { message } = await recall(direct, seq);
  expect(message?.recalledAt).toBeDefined();
  expect((await recall(direct, seq)).message).toEqual(message);
  expect((await chat.user('1').conversation(direct)).headSeq).toBe(3);
  expect(await placesOf('SECRET')).toEqual([]);
  expect(await refusal(recall(direct, 99))).toBe('MESSAGE_NOT_FOUND');
  expect(await refusal(recall('g:99', 1))).toBe('CONVERSATION_NOT_FOUND');
});
