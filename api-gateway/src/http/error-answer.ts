import { ImError } from '@im/common/errors/im-error.ts';
import { isUnexpected, normalizeError } from '@im/common/errors/normalize-error.ts';
import { errorJson } from '@im/common/http/error-json.ts';
import { retryAfterSeconds } from '@im/common/http/retry-after.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerJson } from './answer.ts';

/** What a refusal that fastify itself makes means in the contract's words. */
const FASTIFY_ERRORS: Readonly<Record<string, () => ImError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => new ImError('TOO_LARGE', 'the body is too large'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new ImError('UNSUPPORTED_MEDIA_TYPE', 'the body must be application/json'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new ImError('MALFORMED_BODY', 'the body is not as long as its Content-Length says'),
  FST_ERR_BAD_URL: () => new ImError('ROUTE_NOT_FOUND', 'the path is not well encoded'),
  FST_ERR_MAX_PARAM_LENGTH: () => new ImError('ROUTE_NOT_FOUND', 'a part of the path is longer than any id'),
};

/** Answers a request with the error it failed with; one that nobody foresaw is logged and shown as INTERNAL. */
export function answerError(reply: FastifyReply, request: FastifyRequest, log: Logger, failure: unknown) {
  const translated = fastifyError(failure) ?? failure;
  if (isUnexpected(translated)) log.error({ err: translated, requestId: request.id }, 'a request failed');
  const error = normalizeError(translated);
  const status = error.httpStatus;
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  const seconds = retryAfterSeconds(error);
  if (seconds !== undefined) reply.header('retry-after', seconds);
  return answerJson(reply.code(status), errorJson(error, request.id));
}

function fastifyError(failure: unknown): ImError | undefined {
  const code = failure instanceof Error && 'code' in failure ? String(failure.code) : '';
  return Object.hasOwn(FASTIFY_ERRORS, code) ? FASTIFY_ERRORS[code]?.() : undefined;
}
