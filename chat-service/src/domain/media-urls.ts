import { ImError, invalidField } from '@im/common/errors/im-error.ts';
import type { Content } from '@im/common/gen/im/chat/v1/message_pb.ts';

/** Forwards inside forwards are allowed this deep. */
const MAX_FORWARD_DEPTH = 3;

/**
 * Refuses urls of media that may not stand in a message: there is no media
 * store yet, so only plain http(s) urls, and those only where the setting
 * allows it.
 */
export function requireAllowedMedia(content: Content, externalUrls: boolean, depth = 0): void {
  for (const url of urlsOf(content)) {
    const external = /^https?:\/\//i.test(url);
    if (!external || !externalUrls) {
      throw new ImError('MEDIA_NOT_ALLOWED', 'this url may not stand in a message', { field: 'content' });
    }
  }
  if (content.kind.case !== 'forward') return;
  if (depth >= MAX_FORWARD_DEPTH) throw invalidField('content.forward', 'forwards are nested too deep');
  for (const message of content.kind.value.messages) {
    if (message.content) requireAllowedMedia(message.content, externalUrls, depth + 1);
  }
}

function urlsOf(content: Content): string[] {
  switch (content.kind.case) {
    case 'image':
    case 'video':
      return [content.kind.value.url, content.kind.value.thumbnailUrl ?? ''].filter((url) => url !== '');
    case 'file':
    case 'audio':
      return [content.kind.value.url];
    default:
      return [];
  }
}
