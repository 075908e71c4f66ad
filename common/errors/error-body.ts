import { create } from '@bufbuild/protobuf';
import { type ErrorBody, ErrorBodySchema } from '../gen/im/errors/v1/errors_pb.ts';
import { ImError, isReason } from './im-error.ts';
import { normalizeError } from './normalize-error.ts';

/** How an error is shown in HTTP answers and socket frames; what was not meant to be seen is masked. */
export function toErrorBody(error: unknown, requestId: string): ErrorBody {
  const { httpStatus, status, reason, message, metadata } = normalizeError(error);
  return create(ErrorBodySchema, {
    code: httpStatus,
    status,
    reason,
    message,
    metadata: { ...metadata },
    requestId,
  });
}

/** The error a body describes. A reason this release does not know becomes INTERNAL_ERROR. */
export function fromErrorBody(body: ErrorBody): ImError {
  if (!isReason(body.reason)) return new ImError('INTERNAL_ERROR', 'internal error');
  return new ImError(body.reason, body.message, { ...body.metadata });
}

/**
 * How long to wait before trying again, in milliseconds: `metadata.retryAfterMs`
 * of UNAVAILABLE and RESOURCE_EXHAUSTED errors; undefined where nothing says so.
 */
export function retryAfterMs(error: ImError): number | undefined {
  if (error.status !== 'UNAVAILABLE' && error.status !== 'RESOURCE_EXHAUSTED') return undefined;
  const value = Number(error.metadata.retryAfterMs ?? Number.NaN);
  return value >= 0 ? value : undefined;
}
