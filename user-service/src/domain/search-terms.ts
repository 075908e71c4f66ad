import { firstCodePoints } from '@im/common/utils/text.ts';
import { foldUsername } from './username.ts';

// Folding makes of one character up to 18; a username has at most 64. What of a
// nickname stands beyond is not found by search.
const TERM_MAX = 64;
/** Sorts behind every character that a name can continue with. */
const LAST_CHARACTER = '\u{10FFFF}';

/** What is searched for, folded as usernames and nicknames are. */
export function searchQuery(given: string): string {
  return foldUsername(given.toWellFormed()).trim();
}

/**
 * The terms a person is found by: who searches a prefix of a term finds them.
 * That is the username, and the nickname from each of its characters on, so that
 * a part of it is a prefix too: an index answers where `LIKE '%…%'` would read
 * every account, and it works for Chinese, which has no words to index.
 */
export function searchTerms(person: { username: string | null; nickname: string }): string[] {
  const characters = [...searchQuery(person.nickname)].slice(0, TERM_MAX);
  const terms = new Set(characters.map((_, start) => characters.slice(start).join('')));
  if (person.username !== null) terms.add(firstCodePoints(person.username, TERM_MAX));
  return [...terms];
}

/** The range, both inclusive and compared by bytes, of the terms that begin with the query. */
export function termRange(query: string): { from: string; to: string } {
  return { from: query, to: `${query}${LAST_CHARACTER}` };
}
