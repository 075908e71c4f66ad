import { getOption } from '@bufbuild/protobuf';
import { ErrorReason_Value, ErrorReason_ValueSchema } from '../gen/im/errors/v1/errors_pb.ts';
import { code as codeOption, http_status as httpStatusOption } from '../gen/im/options/v1/options_pb.ts';

/** A google.rpc code by name. */
export type StatusName =
  | 'CANCELLED'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'UNAUTHENTICATED';

/** The name of an error reason of the contract (`im.errors.v1.ErrorReason`). */
export type Reason = Exclude<keyof typeof ErrorReason_Value, 'UNSPECIFIED'>;

const HTTP_STATUS: Record<StatusName, number> = {
  CANCELLED: 499,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 409,
  ABORTED: 409,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  UNAUTHENTICATED: 401,
};

/**
 * An error that a caller may see. Its code and HTTP status follow from its
 * reason, as the contract says, so one reason can never answer two codes.
 */
export class ImError extends Error {
  readonly reason: Reason;
  readonly metadata: Record<string, string>;
  override readonly name = 'ImError';

  constructor(reason: Reason, message: string, metadata: Record<string, string> = {}) {
    super(message);
    this.reason = reason;
    this.metadata = metadata;
  }

  get status(): StatusName {
    return getOption(descriptorOf(this.reason), codeOption) as StatusName;
  }

  get httpStatus(): number {
    return getOption(descriptorOf(this.reason), httpStatusOption) || HTTP_STATUS[this.status];
  }
}

/** Whether this release knows a reason of that name. */
export function isReason(name: string): name is Reason {
  return name !== 'UNSPECIFIED' && Object.hasOwn(ErrorReason_Value, name);
}

/** A request field that breaks a rule; `field` is its path as the caller wrote it (lowerCamelCase). */
export function invalidField(field: string, message: string): ImError {
  return new ImError('INVALID_FIELD', message, { field });
}

function descriptorOf(reason: Reason) {
  return ErrorReason_ValueSchema.value[ErrorReason_Value[reason]];
}
