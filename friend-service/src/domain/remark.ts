import { invalidField } from '@im/common/errors/im-error.ts';

/** The name for a friend, '' for none. Throws INVALID_FIELD for what would not show on one line as it was given. */
export function parseRemark(given: string): string {
  if (!given.isWellFormed() || /\p{Cc}/u.test(given)) {
    throw invalidField('remark', 'a remark is well-formed Unicode without control characters');
  }
  return given.trim();
}
