import type { Kysely } from 'kysely';
import type { SessionStoreRow, SessionTables } from './tables.ts';

/** The store has one row of its own. */
const ONLY_ID = 1;

/** The store's birth and last revocation number; undefined before it was born. */
export async function findSessionStore(db: Kysely<SessionTables>): Promise<SessionStoreRow | undefined> {
  return db.selectFrom('session_store').selectAll().where('id', '=', ONLY_ID).executeTakeFirst();
}

export async function insertSessionStore(db: Kysely<SessionTables>, bornAt: number): Promise<void> {
  await db
    .insertInto('session_store')
    .values({ id: ONLY_ID, born_at: bornAt, last_revocation_no: 0 })
    .execute();
}

/** Gives the store another birth: tokens issued before a later one are refused. */
export async function setBirth(db: Kysely<SessionTables>, bornAt: number): Promise<void> {
  await db.updateTable('session_store').set({ born_at: bornAt }).where('id', '=', ONLY_ID).execute();
}

/** Takes the next `count` revocation numbers; the row's lock makes their order the order of commits. */
export async function advanceRevocationNo(db: Kysely<SessionTables>, count: number): Promise<void> {
  await db
    .updateTable('session_store')
    .set((eb) => ({ last_revocation_no: eb('last_revocation_no', '+', count) }))
    .where('id', '=', ONLY_ID)
    .execute();
}
