import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  EditMessageRequestSchema,
  RecallMessageRequestSchema,
  SendMessageRequestSchema,
} from '@im/common/gen/im/chat/v1/chat_service_pb.ts';
import { ContentSchema, MessageSchema } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { expect, test } from 'vitest';
import { requestHash } from './request-hash.ts';

type Init = MessageInitShape<typeof SendMessageRequestSchema>;

const content = (kind: MessageInitShape<typeof ContentSchema>['kind']) => create(ContentSchema, { kind });
const text = (value: string) => content({ case: 'text', value: { text: value } });
const plain = { conversationId: 's:1:2', clientMsgId: 'm1', content: text('hello') } satisfies Init;

function hashOf(init: Init): string {
  const request = create(SendMessageRequestSchema, init);
  return Buffer.from(requestHash('send', SendMessageRequestSchema, request)).toString('hex');
}

const image = { url: 'media:1', width: 3, height: 4, size: '5', thumbnailUrl: 'media:2' };
const forwarded = [
  { conversationId: 'g:9', seq: 8, senderUid: '3', content: text('你好 \u{1F600}') },
  { content: content({ case: 'image', value: image }) },
  { content: content({ case: 'location', value: { latitude: -0.5, longitude: 179.25 } }) },
  { content: content({ case: 'custom', value: { type: 'x', data: new Uint8Array([0, 255]) } }) },
].map((message) => create(MessageSchema, message));
const rich = {
  ...plain,
  replyToSeq: 7,
  mentions: { uids: ['3', '4'], all: true },
  content: content({ case: 'forward', value: { messages: forwarded } }),
} satisfies Init;

// What is stored was made with these: another value would take every name that was given before.
test('the hash of a request never changes', () => {
  expect(hashOf(plain)).toBe('fe44fc342a2f47af70f385db15a093356d03d92828c2aacfd4fe18e2ea27e942');
  expect(hashOf(rich)).toBe('3153ceadd8032fbc722a24a181ee0398ad4240136bd25832057c76da958828cf');
  const edit = create(EditMessageRequestSchema, { ...plain, seq: 3 });
  expect(Buffer.from(requestHash('edit', EditMessageRequestSchema, edit)).toString('hex')).toBe(
    '93b5053cf8942b4f131d18b263ff102caef138b8bc62d0f61a49fd38d946f590',
  );
  const recall = create(RecallMessageRequestSchema, { conversationId: 's:1:2', seq: 3, clientMsgId: 'm1' });
  expect(Buffer.from(requestHash('recall', RecallMessageRequestSchema, recall)).toString('hex')).toBe(
    'bbfd5394c68fbc170f9afc5c21f9c0ef94b4b3d4eb8515f8cd2992b38c56c697',
  );
});

test('the order in which fields were written does not matter', () => {
  const reversed = Object.fromEntries(Object.entries(rich).reverse());
  expect(Object.keys(reversed)[0]).not.toBe('conversationId');
  expect(hashOf(reversed)).toBe(hashOf(rich));
});

test('a field that is unset is as one that is not there', () => {
  expect(hashOf({ ...plain, replyToSeq: undefined, mentions: undefined })).toBe(hashOf(plain));
});

test('every field counts', () => {
  const media = (changes: Partial<typeof image>): Init => ({
    ...plain,
    content: content({ case: 'image', value: { ...image, ...changes } }),
  });
  const custom = (type: string, bytes: number[]): Init => ({
    ...plain,
    content: content({ case: 'custom', value: { type, data: new Uint8Array(bytes) } }),
  });
  const different: Init[] = [
    plain,
    { ...plain, conversationId: 's:1:3' },
    { ...plain, clientMsgId: 'm2' },
    { ...plain, content: text('hello ') },
    { ...plain, content: text('Hello') },
    { ...plain, replyToSeq: 1 },
    { ...plain, replyToSeq: 2 },
    { ...plain, mentions: { uids: ['1'] } },
    { ...plain, mentions: { uids: ['1', '2'] } },
    { ...plain, mentions: { uids: ['2', '1'] } },
    { ...plain, mentions: { uids: ['1'], all: true } },
    { ...plain, content: content({ case: 'card', value: { uid: '1' } }) },
    media({}),
    media({ width: 9 }),
    media({ size: '9' }),
    media({ url: 'media:9' }),
    media({ thumbnailUrl: undefined }),
    custom('a', []),
    custom('a', [0]),
    custom('b', [0]),
    rich,
  ];
  expect(new Set(different.map(hashOf)).size).toBe(different.length);
});

test('the same fields of another operation are another request', () => {
  const request = create(SendMessageRequestSchema, plain);
  const asEdit = requestHash('edit', SendMessageRequestSchema, request);
  expect(Buffer.from(asEdit).toString('hex')).not.toBe(hashOf(plain));
});
