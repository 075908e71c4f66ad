import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  GetMessagesResponseSchema,
  ListConversationsResponseSchema,
  type SyncResponse,
  SyncResponseSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { MAX_MESSAGE_BYTES } from '@im/common/rpc/grpc/options.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Chat, startChat } from '../testing/chat-fixture.ts';
import { textContent } from '../testing/chat-user.ts';
import { createSyncedDevice } from '../testing/synced-device.ts';

// However large what people write is, no answer is too large for gRPC.

const FRIENDS = ['2', '3'];
const EACH = 14;
/** About 0.8 MB. */
const forward = {
  kind: {
    case: 'forward' as const,
    value: {
      messages: Array.from({ length: 100 }, (_, i) => ({
        conversationId: 's:8:9',
        seq: i + 1,
        senderUid: '8',
        sentAt: '2026-01-01T00:00:00.000Z',
        content: textContent('x'.repeat(8_000)),
      })),
    },
  },
};

let chat: Chat;
let ids: string[];
beforeEach(async () => {
  chat = await startChat();
  await chat.openAccount('1', ...FRIENDS);
  ids = [];
  for (const friend of FRIENDS) {
    const id = await chat.befriend('1', friend);
    ids.push(id);
    for (let i = 0; i < EACH; i++) await chat.user(friend).send(id, '', { content: forward });
  }
});
afterEach(() => chat.stop());

function expectCarried<Desc extends DescMessage>(schema: Desc, answer: MessageShape<Desc>): void {
  expect(toBinary(schema, answer).length).toBeLessThan(MAX_MESSAGE_BYTES / 2);
}

test('a sync brings all of it, page by page', async () => {
  const user = chat.user('1');
  const seen = new Map<string, number[]>();
  let answer: SyncResponse | undefined;
  do {
    answer = await user.sync({ cursor: answer?.cursor });
    expectCarried(SyncResponseSchema, answer);
    for (const { conversationId, events } of answer.conversations) {
      seen.set(conversationId, [...(seen.get(conversationId) ?? []), ...events.map(({ seq }) => seq)]);
    }
  } while (answer.more);
  expect([...seen.keys()].sort()).toEqual([...ids].sort());
  // A conversation that is too large alone begins with its newest; the rest is history.
  for (const seqs of seen.values()) {
    expect(seqs.at(-1)).toBe(EACH + 1);
    expect(seqs.length).toBeGreaterThan(1);
    expect(seqs).toEqual(seqs.map((_, i) => EACH + 2 - seqs.length + i));
  }
});

test('a device ends up with all of it', async () => {
  const device = createSyncedDevice(chat.user('1'));
  await device.sync();
  for (const id of ids) expect(device.seen(id)?.messages).toHaveLength(EACH);
});

test('history covers as much as fits, from either end', async () => {
  const user = chat.user('1');
  const [id] = ids as [string];
  const covered: number[] = [];
  for (let fromSeq = 1; fromSeq <= EACH + 1; ) {
    const answer = await user.messages(id, { fromSeq, limit: 200 });
    expectCarried(GetMessagesResponseSchema, answer);
    expect(answer.fromSeq).toBe(fromSeq);
    const seqs = [...answer.messages, ...answer.events].map(({ seq }) => seq).sort((a, b) => a - b);
    expect(seqs.at(-1)).toBe(answer.toSeq);
    covered.push(...seqs);
    fromSeq = answer.toSeq + 1;
  }
  expect(covered).toEqual(Array.from({ length: EACH + 1 }, (_, i) => i + 1));
  const newest = await user.messages(id, { limit: 200 });
  expectCarried(GetMessagesResponseSchema, newest);
  expect([newest.messages[0]?.seq, newest.toSeq]).toEqual([newest.fromSeq, EACH + 1]);
});

test('a list of conversations goes on with the next page', async () => {
  const gateway = chat.client('api-gateway');
  const answer = await gateway.listConversations(
    { pageSize: 200 },
    { speakFor: { kind: 'user', uid: '1', sessionId: 'session' } },
  );
  expectCarried(ListConversationsResponseSchema, answer);
  expect(answer.conversations).toHaveLength(2);
});
