import { type Kysely, type Selectable, sql } from 'kysely';
import type { UserTables } from './tables.ts';

export interface LoginThrottleTable {
  throttle_key: string;
  /** Attempts that failed or are under way. */
  failures: number;
  /** Milliseconds since 1970; 0 when nothing is to be waited for. */
  blocked_until: number;
  updated_at: number;
}

export type LoginThrottle = Selectable<LoginThrottleTable>;
type Db = Kysely<UserTables>;

/** Counts one more attempt, which locks the row; false when there is none. */
export async function countAttempt(db: Db, key: string): Promise<boolean> {
  const result = await db
    .updateTable('login_throttle')
    .set({ failures: sql`failures + 1` })
    .where('throttle_key', '=', key)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export function findThrottle(db: Db, key: string): Promise<LoginThrottle | undefined> {
  return db.selectFrom('login_throttle').selectAll().where('throttle_key', '=', key).executeTakeFirst();
}

export async function insertThrottle(db: Db, row: LoginThrottle): Promise<void> {
  await db.insertInto('login_throttle').values(row).execute();
}

export async function updateThrottle(db: Db, { throttle_key, ...state }: LoginThrottle): Promise<void> {
  await db.updateTable('login_throttle').set(state).where('throttle_key', '=', throttle_key).execute();
}

/** Takes one attempt back, and the wait that it had begun, if it is still that one. */
export async function takeBackAttempt(
  db: Db,
  { key, blockedUntil }: { key: string; blockedUntil: number },
): Promise<void> {
  await db
    .updateTable('login_throttle')
    .set((eb) => ({
      failures: sql`failures - 1`,
      blocked_until: eb
        .case()
        .when('blocked_until', '=', blockedUntil)
        .then(0)
        .else(eb.ref('blocked_until'))
        .end(),
    }))
    .where('throttle_key', '=', key)
    .where('failures', '>', 0)
    .execute();
}

export async function deleteThrottle(db: Db, key: string): Promise<void> {
  await db.deleteFrom('login_throttle').where('throttle_key', '=', key).execute();
}

/** Some keys without an attempt since `before`, the oldest first. */
export async function listStaleKeys(db: Db, before: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('login_throttle')
    .select('throttle_key')
    .where('updated_at', '<', before)
    .orderBy('updated_at')
    .limit(limit)
    .execute();
  return rows.map((row) => row.throttle_key);
}

/** Deletes those of the keys that still have no attempt since `before`. */
export async function deleteStale(db: Db, keys: readonly string[], before: number): Promise<void> {
  await db
    .deleteFrom('login_throttle')
    .where('throttle_key', 'in', keys)
    .where('updated_at', '<', before)
    .execute();
}
