import { invalidField } from '@im/common/errors/im-error.ts';

/** The name for a friend, '' for none. Throws INVALID_FIELD for what does not show on one line. */
export function parseRemark(given: string): string {
  if (/\p{Cc}/u.test(given)) throw invalidField('remark', 'a remark has no control characters');
  return given.trim();
}
