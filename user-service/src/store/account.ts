import { type Kysely, type Selectable, sql } from 'kysely';
import type { UserTables } from './tables.ts';

export interface AccountTable {
  uid: string;
  /** Folded; null for an account of the server API without one. */
  username: string | null;
  external_id: string | null;
  nickname: string;
  avatar_url: string;
  bio: string;
  /** A JSON object. */
  settings: string;
  /** A PHC string; null where no password was ever set. */
  password_hash: string | null;
  /** Moved by all that ends what an earlier password check proved. */
  credential_no: number;
  /** 0 or 1. */
  disabled: number;
  /** Moved by every change, first thing in its transaction: that locks the row. */
  revision: number;
  /** Milliseconds since 1970. */
  created_at: number;
}

export type Account = Selectable<AccountTable>;
type Db = Kysely<UserTables>;
type Profile = Pick<AccountTable, 'username' | 'nickname' | 'avatar_url' | 'bio' | 'settings'>;

export function findAccount(db: Db, uid: string): Promise<Account | undefined> {
  return db.selectFrom('account').selectAll().where('uid', '=', uid).executeTakeFirst();
}

/** The account of that folded username. */
export function findByUsername(db: Db, username: string): Promise<Account | undefined> {
  return db.selectFrom('account').selectAll().where('username', '=', username).executeTakeFirst();
}

export function findByExternalId(db: Db, externalId: string): Promise<Account | undefined> {
  return db.selectFrom('account').selectAll().where('external_id', '=', externalId).executeTakeFirst();
}

/** The accounts of those uids, in any order; unknown ones are left out. */
export async function findAccounts(db: Db, uids: readonly string[]): Promise<Account[]> {
  if (uids.length === 0) return [];
  return db.selectFrom('account').selectAll().where('uid', 'in', uids).execute();
}

/** Those who are not disabled, by uid, after `afterUid` ('' is the beginning). */
export function listEnabled(db: Db, page: { afterUid: string; limit: number }): Promise<Account[]> {
  return db
    .selectFrom('account')
    .selectAll()
    .where('uid', '>', page.afterUid)
    .where('disabled', '=', 0)
    .orderBy('uid')
    .limit(page.limit)
    .execute();
}

export async function insertAccount(db: Db, account: Account): Promise<void> {
  await db.insertInto('account').values(account).execute();
}

/** Locks the account's row for the rest of the transaction; false when there is none. */
export async function touchAccount(db: Db, uid: string): Promise<boolean> {
  const result = await db
    .updateTable('account')
    .set({ revision: sql`revision + 1` })
    .where('uid', '=', uid)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function updateProfile(db: Db, uid: string, profile: Partial<Profile>): Promise<void> {
  await db.updateTable('account').set(profile).where('uid', '=', uid).execute();
}

/** Sets a new password; what was checked against the old one counts no more. */
export async function updatePassword(db: Db, uid: string, passwordHash: string): Promise<void> {
  await db
    .updateTable('account')
    .set({ password_hash: passwordHash, credential_no: sql`credential_no + 1` })
    .where('uid', '=', uid)
    .execute();
}

/** Stores the same password hashed anew, unless it was changed meanwhile. */
export async function renewPasswordHash(
  db: Db,
  uid: string,
  hashes: { from: string; to: string },
): Promise<void> {
  await db
    .updateTable('account')
    .set({ password_hash: hashes.to })
    .where('uid', '=', uid)
    .where('password_hash', '=', hashes.from)
    .execute();
}

export async function updateDisabled(db: Db, uid: string, disabled: boolean): Promise<void> {
  await db
    .updateTable('account')
    .set({ disabled: disabled ? 1 : 0, credential_no: sql`credential_no + 1` })
    .where('uid', '=', uid)
    .execute();
}
