import type { Kysely } from 'kysely';
import type { RevocationRow, SessionTables } from './tables.ts';

export async function insertRevocations(
  db: Kysely<SessionTables>,
  revocations: readonly RevocationRow[],
): Promise<void> {
  await db
    .insertInto('revocation')
    .values([...revocations])
    .execute();
}

/** Revocations above a number, oldest first. */
export async function revocationsAbove(
  db: Kysely<SessionTables>,
  revocationNo: number,
  limit: number,
): Promise<RevocationRow[]> {
  return db
    .selectFrom('revocation')
    .selectAll()
    .where('revocation_no', '>', revocationNo)
    .orderBy('revocation_no')
    .limit(limit)
    .execute();
}

export async function deleteRevocationsUntil(db: Kysely<SessionTables>, at: number): Promise<void> {
  await db.deleteFrom('revocation').where('at', '<=', at).execute();
}
