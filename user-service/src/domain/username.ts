import { invalidField } from '@im/common/errors/im-error.ts';

// Letters and digits of any script with the marks that scripts write on their
// letters, and _.- ; counted in code points. A mark has no letter to stand on at
// the beginning. What renders as nothing would let two names look the same.
const USERNAME = /^(?!\p{M})(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}_.-]{3,64}$/u;

/** A username as it is compared and stored: NFKC, lower case. */
export function foldUsername(given: string): string {
  // Lower-casing can leave a text that is not normal any more, hence the second time.
  return given.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** The folded username, or undefined when no account can have it. */
export function usernameOf(given: string): string | undefined {
  const folded = foldUsername(given);
  return USERNAME.test(folded) ? folded : undefined;
}

/** The folded username of an account to be made or renamed; throws INVALID_FIELD. */
export function parseUsername(given: string): string {
  const username = usernameOf(given);
  if (username === undefined) {
    throw invalidField('username', 'a username has 3 to 64 letters, digits or _.- of any script');
  }
  return username;
}
