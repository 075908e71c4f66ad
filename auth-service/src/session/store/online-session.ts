import type { Kysely } from 'kysely';
import type { OnlineSessionRow, SessionTables } from './tables.ts';

/** Takes away what a gateway reported of these sessions; what others did stays. */
export async function deleteOnline(
  db: Kysely<SessionTables>,
  gatewayBootId: string,
  sessionIds: readonly string[],
): Promise<void> {
  await db
    .deleteFrom('online_session')
    .where('session_id', 'in', sessionIds)
    .where('gateway_boot_id', '=', gatewayBootId)
    .execute();
}

/** Notes them as reported at a time, those that exist. They must not be there already. */
export async function insertOnline(
  db: Kysely<SessionTables>,
  gatewayBootId: string,
  sessionIds: readonly string[],
  at: number,
): Promise<void> {
  await db
    .insertInto('online_session')
    .columns(['session_id', 'gateway_boot_id', 'reported_at'])
    .expression((eb) =>
      eb
        .selectFrom('session')
        .select(({ val }) => [
          'session_id',
          val(gatewayBootId).as('gateway_boot_id'),
          val(at).as('reported_at'),
        ])
        .where('session_id', 'in', sessionIds),
    )
    .execute();
}

/** When sessions were last reported online, by session; those that are not have no key. */
export async function lastReports(
  db: Kysely<SessionTables>,
  sessionIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('online_session')
    .select((eb) => ['session_id', eb.fn.max('reported_at').as('at')])
    .where('session_id', 'in', sessionIds)
    .groupBy('session_id')
    .execute();
  return new Map(rows.map((row) => [row.session_id, Number(row.at)]));
}

/** When any session of each of these users was last reported online. */
export async function lastReportsOfUsers(
  db: Kysely<SessionTables>,
  uids: readonly string[],
): Promise<{ uid: string; at: number }[]> {
  const rows = await db
    .selectFrom('session')
    .innerJoin('online_session', 'online_session.session_id', 'session.session_id')
    .select((eb) => ['session.uid', eb.fn.max('online_session.reported_at').as('at')])
    .where('session.uid', 'in', uids)
    .groupBy('session.uid')
    .execute();
  return rows.map(({ uid, at }) => ({ uid, at: Number(at) }));
}

/** Some of those that were last reported at or before a time, the oldest first. */
export async function reportedUntil(
  db: Kysely<SessionTables>,
  at: number,
  limit: number,
): Promise<OnlineSessionRow[]> {
  return db
    .selectFrom('online_session')
    .selectAll()
    .where('reported_at', '<=', at)
    .orderBy('reported_at')
    .limit(limit)
    .execute();
}
