import { create, type MessageShape } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { AppendEventsRequestSchema, AppendEventsResponseSchema } from '../gen/im/chat/v1/chat_service_pb.ts';
import { chatOutboxRow, sendToChat } from './chat-relay.ts';

const record = {
  actorUid: '7',
  at: '2026-01-01T00:00:00.000Z',
  kind: { case: 'openAccount', value: {} },
} as const;

test('a row of the outbox becomes the request it was made from, with its version', async () => {
  const requests: MessageShape<typeof AppendEventsRequestSchema>[] = [];
  const client = {
    async appendEvents(request: Parameters<Parameters<typeof sendToChat>[0]['appendEvents']>[0]) {
      requests.push(create(AppendEventsRequestSchema, request));
      return create(AppendEventsResponseSchema);
    },
  } as Parameters<typeof sendToChat>[0];
  const row = chatOutboxRow('n:7', [record]);
  expect(row).toMatchObject({ topic: 'n:7', kind: 'chat' });
  await sendToChat(client)({ ...row, version: 3, createdAt: 0 });
  expect(requests).toEqual([
    create(AppendEventsRequestSchema, { conversationId: 'n:7', version: 3, records: [record] }),
  ]);
  await expect(sendToChat(client)({ ...row, kind: 'auth', version: 1, createdAt: 0 })).rejects.toThrow(
    'auth',
  );
});

test('a row holds as many records as a request may', () => {
  expect(() => chatOutboxRow('n:7', [])).toThrow(RangeError);
  expect(() => chatOutboxRow('n:7', new Array(101).fill(record))).toThrow(RangeError);
});
