import { invalidField } from '@im/common/errors/im-error.ts';
import { codePointCount, firstCodePoints } from '@im/common/utils/text.ts';

/** Code points, as the contract says. */
const NICKNAME_MAX = 64;
/** For an account with neither username nor external id; none is made so today. */
const NAMELESS = 'User';

/** A nickname that shows as something on one line; throws INVALID_FIELD. */
export function parseNickname(given: string): string {
  if (given.trim() === '') throw invalidField('nickname', 'a nickname is not blank');
  if (/\p{Cc}/u.test(given)) throw invalidField('nickname', 'a nickname has no control characters');
  return parseText('nickname', given);
}

/** Text that can be stored and comes back as it was; throws INVALID_FIELD for half a surrogate pair. */
export function parseText(field: string, given: string): string {
  if (!given.isWellFormed()) throw invalidField(field, `${field} is not well-formed Unicode`);
  return given;
}

/** The nickname of somebody who chose none. */
export function defaultNickname(names: {
  /** As the person wrote it. */
  given?: string;
  username: string | null;
  externalId: string | null;
}): string {
  if (names.given !== undefined && codePointCount(names.given) <= NICKNAME_MAX) return names.given;
  return names.username ?? (firstCodePoints(names.externalId ?? '', NICKNAME_MAX) || NAMELESS);
}
