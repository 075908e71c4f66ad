import { toJson } from '@bufbuild/protobuf';
import { toErrorBody } from '../errors/error-body.ts';
import type { ImError } from '../errors/im-error.ts';
import { ErrorBodySchema } from '../gen/im/errors/v1/errors_pb.ts';

/** The body of an HTTP answer that is an error. */
export function errorJson(error: ImError, requestId: string) {
  return { error: toJson(ErrorBodySchema, toErrorBody(error, requestId), { alwaysEmitImplicit: true }) };
}
