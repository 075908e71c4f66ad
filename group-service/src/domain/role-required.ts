import { ImError } from '@im/common/errors/im-error.ts';

/** A member who may not do what their role does not allow; `sentence` says who may. */
export function roleRequired(sentence: string): ImError {
  return new ImError('ROLE_REQUIRED', sentence);
}
