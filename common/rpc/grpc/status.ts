import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { type ClientError, type Metadata, ServerError, Status } from 'nice-grpc';
import { ImError, isReason, type Reason } from '../../errors/im-error.ts';
import { normalizeError } from '../../errors/normalize-error.ts';
import { ErrorInfoSchema } from '../../gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../gen/google/rpc/status_pb.ts';

/** Where gRPC carries a google.rpc.Status. */
const DETAILS_KEY = 'grpc-status-details-bin';
/** Whose reasons ours are. */
const DOMAIN = 'im';

/**
 * An error on its way out: its code, and in `trailer` a google.rpc.Status with an
 * ErrorInfo, which clients in any language can read. What was not meant for
 * callers is masked.
 */
export function toServerError(error: unknown, trailer: Metadata): ServerError {
  const { status, reason, message, metadata } = normalizeError(error);
  const code = Status[status];
  const info = create(ErrorInfoSchema, { reason, domain: DOMAIN, metadata: { ...metadata } });
  const details = [anyPack(ErrorInfoSchema, info)];
  trailer.set(DETAILS_KEY, toBinary(StatusSchema, create(StatusSchema, { code, message, details })));
  return new ServerError(code, message);
}

/**
 * The error that a server sent, or what stands for a failure that no server of
 * ours described: of a proxy, of a broken connection, of a service of somebody
 * else. Their words stay here, because they tell of the network inside.
 */
export function fromClientError({ code, details }: ClientError, trailer: Metadata | undefined): ImError {
  return described(trailer?.get(DETAILS_KEY)) ?? generic(code, details);
}

function described(bytes: Uint8Array | undefined): ImError | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { details, message } = fromBinary(StatusSchema, bytes);
    const infos = details.map((detail) => anyUnpack(detail, ErrorInfoSchema));
    for (const info of infos)
      if (info?.domain === DOMAIN && isReason(info.reason))
        return new ImError(info.reason, message, info.metadata);
  } catch {
    // Rubbish says as much as nothing.
  }
  return undefined;
}

const GENERIC: Readonly<Partial<Record<Status, readonly [Reason, string]>>> = {
  [Status.INVALID_ARGUMENT]: ['MALFORMED_BODY', 'the request was not understood'],
  [Status.DEADLINE_EXCEEDED]: ['DEADLINE_PASSED', 'the deadline passed before the answer was there'],
  [Status.NOT_FOUND]: ['ROUTE_NOT_FOUND', 'there is nothing here'],
  [Status.PERMISSION_DENIED]: ['ACCESS_DENIED', 'this caller may not call this method'],
  [Status.UNAUTHENTICATED]: ['SIGN_IN_REQUIRED', 'the caller is not known'],
  [Status.UNIMPLEMENTED]: ['NOT_IMPLEMENTED', 'the method is not served'],
  [Status.UNAVAILABLE]: ['SERVICE_AWAY', 'the service is not there'],
  // A caller that gives up never sees what becomes of its call, so somebody else ended it: a server that closed.
  [Status.CANCELLED]: ['SERVICE_AWAY', 'the service went away'],
};

function generic(code: Status, details: string): ImError {
  if (code === Status.RESOURCE_EXHAUSTED)
    return /larger than max/.test(details)
      ? new ImError('TOO_LARGE', 'a message is larger than the other side takes')
      : new ImError('RATE_LIMITED', 'too many calls');
  // What grpc-js calls an internal error when a connection breaks at the wrong moment.
  if (code === Status.INTERNAL && /^Received RST_STREAM/.test(details))
    return new ImError('SERVICE_AWAY', 'the service went away');
  const [reason, message] = GENERIC[code] ?? ['INTERNAL_ERROR', 'internal error'];
  return new ImError(reason, message);
}
