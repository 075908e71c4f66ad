import type { Kysely, Selectable } from 'kysely';
import type { UserTables } from './tables.ts';

export interface SearchTermTable {
  /** Folded; whoever searches a prefix of it finds the person. */
  term: string;
  uid: string;
}

export type SearchTerm = Selectable<SearchTermTable>;
type Db = Kysely<UserTables>;

/** Adds the terms of a person who has none. */
export async function insertTerms(db: Db, uid: string, terms: readonly string[]): Promise<void> {
  if (terms.length === 0) return;
  await db
    .insertInto('search_term')
    .values(terms.map((term) => ({ term, uid })))
    .execute();
}

export async function deleteTerms(db: Db, uid: string): Promise<void> {
  await db.deleteFrom('search_term').where('uid', '=', uid).execute();
}

/**
 * The terms of a range, both ends inclusive, after a position, by term and uid;
 * of each person only their first term of the range, so that nobody comes twice,
 * on whichever pages.
 */
export function listTerms(
  db: Db,
  page: { from: string; to: string; after: SearchTerm | undefined; limit: number },
): Promise<SearchTerm[]> {
  const { from, to, after } = page;
  let query = db
    .selectFrom('search_term as found')
    .select(['found.term', 'found.uid'])
    .where('found.term', '>=', after?.term ?? from)
    .where('found.term', '<=', to)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('search_term as earlier')
            .select('earlier.uid')
            .whereRef('earlier.uid', '=', 'found.uid')
            .where('earlier.term', '>=', from)
            .whereRef('earlier.term', '<', 'found.term'),
        ),
      ),
    );
  if (after) {
    query = query.where((eb) => eb.or([eb('found.term', '>', after.term), eb('found.uid', '>', after.uid)]));
  }
  return query.orderBy('found.term').orderBy('found.uid').limit(page.limit).execute();
}
