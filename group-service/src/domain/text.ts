import { invalidField } from '@im/common/errors/im-error.ts';

/** A group's name: shows as something on one line. Throws INVALID_FIELD. */
export function parseName(given: string): string {
  if (given.trim() === '') throw invalidField('name', 'a name is not blank');
  return parseLine('name', given);
}

/** Text on one line, or ''. Throws INVALID_FIELD. */
export function parseLine(field: string, given: string): string {
  if (/\p{Cc}/u.test(given)) throw invalidField(field, `${field} has no control characters`);
  return given;
}
