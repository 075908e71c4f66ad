import { ChatService } from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { refusal } from '../testing/refusal.ts';

let chat: Chat;

beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1');
});
afterEach(() => chat.stop());

const speakFor = { kind: 'user', uid: '1', sessionId: 's' } as const;
const list = (request: { pageSize?: number; pageToken?: string }) =>
  chat.process.client(ChatService, 'api-gateway').listConversations(request, { speakFor });

test('latest activity comes first, and pages hold every conversation once', async () => {
  const friends = Array.from({ length: 12 }, (_, i) => String(i + 10));
  await chat.openAccount(...friends);
  const ids: string[] = [];
  for (const [i, friend] of friends.entries()) {
    // Some of them at the same moment.
    if (i % 3 === 0) chat.clock.advance(1);
    ids.push(await chat.befriend('1', friend));
  }
  chat.clock.advance(1);
  await chat.user('1').send(ids[4]!, 'up');

  const listed: string[] = [];
  const times: string[] = [];
  let pageToken = '';
  let pages = 0;
  do {
    const page = await list({ pageSize: 5, pageToken });
    listed.push(...page.conversations.map(({ conversationId }) => conversationId));
    times.push(...page.conversations.map(({ updatedAt }) => updatedAt));
    pageToken = page.nextPageToken;
    pages += 1;
  } while (pageToken !== '');
  expect(pages).toBe(3);
  expect(listed[0]).toBe(ids[4]);
  expect([...listed].sort()).toEqual([...ids].sort());
  expect(times).toEqual([...times].sort().reverse());
});

test('a last page that is full is the last', async () => {
  await chat.openAccount('2', '3');
  await chat.befriend('1', '2');
  await chat.befriend('1', '3');
  const page = await list({ pageSize: 2 });
  expect(page.conversations).toHaveLength(2);
  expect(page.nextPageToken).toBe('');
});

test('who has none gets an empty list, and a page token of something else is refused', async () => {
  expect(await list({})).toMatchObject({ conversations: [], nextPageToken: '' });
  const token = Buffer.from('{"after":1}').toString('base64url');
  expect(await refusal(list({ pageToken: token }))).toBe('PAGE_TOKEN_INVALID');
  expect(await refusal(list({ pageToken: 'x' }))).toBe('PAGE_TOKEN_INVALID');
});
