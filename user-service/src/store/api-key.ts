import type { Kysely, Selectable } from 'kysely';
import type { UserTables } from './tables.ts';

export interface ApiKeyTable {
  key_id: string;
  name: string;
  /** SHA-256 of the whole key, hexadecimal. */
  key_hash: string;
  /** Separated by commas. */
  scopes: string;
  /** Milliseconds since 1970. */
  created_at: number;
}

export type ApiKeyRow = Selectable<ApiKeyTable>;
type Db = Kysely<UserTables>;

/** Where a page of keys begins: after this one, the oldest first. */
export interface ApiKeyPosition {
  createdAt: number;
  keyId: string;
}

export function findApiKey(db: Db, keyId: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom('api_key').selectAll().where('key_id', '=', keyId).executeTakeFirst();
}

export function findByHash(db: Db, keyHash: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom('api_key').selectAll().where('key_hash', '=', keyHash).executeTakeFirst();
}

export async function insertApiKey(db: Db, row: ApiKeyRow): Promise<void> {
  await db.insertInto('api_key').values(row).execute();
}

/** False when there is no such key. */
export async function deleteApiKeyRow(db: Db, keyId: string): Promise<boolean> {
  const result = await db.deleteFrom('api_key').where('key_id', '=', keyId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export function listApiKeyRows(
  db: Db,
  page: { after: ApiKeyPosition | undefined; limit: number },
): Promise<ApiKeyRow[]> {
  const { after } = page;
  let query = db.selectFrom('api_key').selectAll();
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb('created_at', '>', after.createdAt),
        eb.and([eb('created_at', '=', after.createdAt), eb('key_id', '>', after.keyId)]),
      ]),
    );
  }
  return query.orderBy('created_at').orderBy('key_id').limit(page.limit).execute();
}
