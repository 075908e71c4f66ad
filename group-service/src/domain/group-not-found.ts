import { ImError } from '@im/common/errors/im-error.ts';

/** The one answer for a group that is not there, is dismissed, or is not for this caller to know of. */
export function groupNotFound(): ImError {
  return new ImError('GROUP_NOT_FOUND', 'there is no such group');
}
