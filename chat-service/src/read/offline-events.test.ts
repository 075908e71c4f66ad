import { HistoryPolicy_Value } from '@im/common/gen/im/group/v1/group_pb.ts';
import { eventually } from '@im/common/testing/eventually.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textOf } from '../testing/chat-user.ts';

let chat: Chat;

beforeAll(async () => {
  chat = await startChat();
  await chat.openAccount('1', '2');
});
afterAll(() => chat.stop());

/** The texts that a sync without cursor brings of a conversation, once the offline cache holds all of it. */
async function synced(uid: string, conversationId: string): Promise<(string | undefined)[]> {
  const { epoch } = await chat.client('ws-gateway').getStore({});
  const { headSeq } = await chat.user(uid).conversation(conversationId);
  const { offlineCache } = chat.process.kit;
  await eventually(async () => {
    expect(await offlineCache.read(conversationId, { epoch, sinceChangeNo: 0, headSeq })).toBeDefined();
  });
  const { conversations } = await chat.user(uid).sync();
  const events = conversations.find((each) => each.conversationId === conversationId)?.events ?? [];
  return events.flatMap(({ kind }) => (kind.case === 'message' ? [textOf(kind.value)] : []));
}

test('what was edited while one was away is not shown from the cache', async () => {
  const group = await chat.makeGroup('1', ['1', '2']);
  const [first, second] = [await chat.user('1').send(group, 'one'), await chat.user('1').send(group, 'two')];
  await chat.user('1').edit(group, first.seq, 'seen');
  await chat.removeMembers(group, ['2']);
  await chat.user('1').edit(group, first.seq, 'behind their back');
  await chat.user('1').edit(group, second.seq, 'behind their back');
  await chat.user('1').send(group, 'among us');
  await chat.addMembers(group, ['2'], { history: HistoryPolicy_Value.FROM_JOIN });
  expect(await synced('2', group)).toEqual(['seen', 'two']);
  // Others who read it meanwhile change nothing of that.
  expect(await synced('1', group)).toEqual(['behind their back', 'behind their back', 'among us']);
  expect(await synced('2', group)).toEqual(['seen', 'two']);
});

test('what was recalled is shown nowhere, whatever was read from the cache before', async () => {
  const group = await chat.makeGroup('2', ['1', '2']);
  const { seq } = await chat.user('1').send(group, 'regretted');
  await chat.user('1').edit(group, seq, 'regretted too');
  expect(await synced('2', group)).toEqual(['regretted too']);
  await chat.user('1').recall(group, seq);
  expect(await synced('2', group)).toEqual([undefined]);
  const { conversations } = await chat.user('2').sync();
  expect(JSON.stringify(conversations.find((each) => each.conversationId === group))).not.toContain(
    'regretted',
  );
});
