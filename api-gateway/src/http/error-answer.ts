import { toJson } from '@bufbuild/protobuf';
import { retryAfterMs, toErrorBody } from '@im/common/errors/error-body.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import { isUnexpected, normalizeError } from '@im/common/errors/normalize-error.ts';
import { ErrorBodySchema } from '@im/common/gen/im/errors/v1/errors_pb.ts';
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
};

/** When a refused request may be repeated, where the error does not know better. */
const RETRY_AFTER_MS = 1_000;

/** Answers a request with the error it failed with; one that nobody foresaw is logged and shown as INTERNAL. */
export function answerError(reply: FastifyReply, request: FastifyRequest, log: Logger, failure: unknown) {
  const translated = fastifyError(failure) ?? failure;
  if (isUnexpected(translated)) log.error({ err: translated, requestId: request.id }, 'a request failed');
  const error = normalizeError(translated);
  const status = error.httpStatus;
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  if (status === 429 || status === 503) reply.header('retry-after', retryAfterSeconds(error));
  return answerJson(reply.code(status), errorJson(error, request.id));
}

/** The body of an answer that is an error. */
export function errorJson(error: ImError, requestId: string) {
  return { error: toJson(ErrorBodySchema, toErrorBody(error, requestId), { alwaysEmitImplicit: true }) };
}

function fastifyError(failure: unknown): ImError | undefined {
  const code = failure instanceof Error && 'code' in failure ? String(failure.code) : '';
  return Object.hasOwn(FASTIFY_ERRORS, code) ? FASTIFY_ERRORS[code]?.() : undefined;
}

/** Whole seconds, at least one. */
function retryAfterSeconds(error: ImError): number {
  return Math.max(1, Math.ceil((retryAfterMs(error) ?? RETRY_AFTER_MS) / 1_000));
}
