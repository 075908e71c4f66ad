import { create } from '@bufbuild/protobuf';
import { type Content, ContentSchema, MessageSchema } from '@im/common/gen/im/chat/v1/message_pb.ts';
import { expect, test } from 'vitest';
import { requireAllowedMedia } from './media-urls.ts';

const file = (url: string) =>
  create(ContentSchema, { kind: { case: 'file', value: { url, name: 'a', size: '1', mediaType: '' } } });
const image = (url: string, thumbnailUrl?: string) =>
  create(ContentSchema, { kind: { case: 'image', value: { url, thumbnailUrl } } });
const forward = (content: Content) =>
  create(ContentSchema, {
    kind: { case: 'forward', value: { messages: [create(MessageSchema, { content })] } },
  });

test('no url may stand in a message unless plain ones are allowed', () => {
  expect(() => requireAllowedMedia(file('https://example.org/a'), false)).toThrow(
    expect.objectContaining({ reason: 'MEDIA_NOT_ALLOWED' }),
  );
  expect(() => requireAllowedMedia(file('https://example.org/a'), true)).not.toThrow();
  expect(() =>
    requireAllowedMedia(image('HTTP://example.org/a', 'http://example.org/b'), true),
  ).not.toThrow();
});

test.each([
  'media:1',
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  '//example.org',
  'httpx://a',
])('%s is never allowed', (url) => {
  for (const content of [file(url), image('https://example.org/a', url), forward(forward(file(url)))]) {
    expect(() => requireAllowedMedia(content, true)).toThrow(
      expect.objectContaining({ reason: 'MEDIA_NOT_ALLOWED' }),
    );
  }
});

test('forwards are nested so deep and no deeper', () => {
  const text = create(ContentSchema, { kind: { case: 'text', value: { text: 'x' } } });
  expect(() => requireAllowedMedia(forward(forward(forward(text))), false)).not.toThrow();
  expect(() => requireAllowedMedia(forward(forward(forward(forward(text)))), false)).toThrow(
    expect.objectContaining({ reason: 'INVALID_FIELD' }),
  );
});
