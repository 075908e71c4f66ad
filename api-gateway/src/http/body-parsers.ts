import { ImError } from '@im/common/errors/im-error.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { parseBody } from '../requests/body.ts';

/** Bodies are JSON; an empty one is `{}` whatever its type claims; anything else is 415. */
export function registerBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, bytes: Buffer) => {
      if (isEncoded(request)) throw unsupported();
      return parseBody(bytes);
    },
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, bytes: Buffer) => {
    if (bytes.length > 0) throw unsupported();
    return {};
  });
}

function isEncoded({ headers }: FastifyRequest): boolean {
  const encoding = headers['content-encoding'];
  return encoding !== undefined && encoding.toLowerCase() !== 'identity';
}

function unsupported(): ImError {
  return new ImError('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json, not compressed');
}
