import type { RedisConnection } from '@im/common/cache/redis.ts';
import { execPipeline } from '@im/common/cache/redis-pipeline.ts';
import { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { displaces } from '../domain/device-policy.ts';
import { isChosen } from './chosen.ts';
import { createUserChanges, type SessionChange } from './redis/change-user.ts';
import { requireDurable } from './redis/durability.ts';
import { type KeptSession, parseKept } from './redis/kept-session.ts';
import { SESSION_FIELD, STORE_KEYS, sessionKey, userKey } from './redis/keys.ts';
import { createReports } from './redis/reports.ts';
import { createRevocations } from './redis/revocations.ts';
import { createStoreBirth } from './redis/store-birth.ts';
import { ENDED_KEPT_MS, REVOCATIONS_KEPT_MS, type Sessions, type StoredSession } from './sessions.ts';

/** Sessions forgotten before the sweep looks for more. */
const SWEEP_BATCH = 500;

export interface RedisSessionsOptions {
  redis: RedisConnection;
  /** The time of birth, should the store be new: milliseconds since 1970. */
  now: number;
  /** `checked`: the server is asked whether it keeps what it says; `vouched`: somebody else has made sure. */
  durability: 'checked' | 'vouched';
}

/**
 * Sessions in a Redis of their own, for any number of instances. A change of a user's sessions is decided
 * here by what they are and made by one script, if they still are that, with the revocations it leaves.
 *
 * Its limits: what is on disk is up to the server, which is asked when the store is opened. A user's sessions
 * that have neither been ended nor swept are read together, which suits some hundreds.
 *
 * Rejects with ConfigError when the server would lose sessions, STORE_AWAY while it is away.
 */
export async function openSessionsRedis({ redis, now, durability }: RedisSessionsOptions): Promise<Sessions> {
  const { client } = redis;
  const { readUser, changeUser } = createUserChanges(client);
  const bornAt = createStoreBirth(client);
  const revocations = createRevocations(client);
  const reports = createReports(client);

  await redis.reachable();
  if (durability === 'checked') await requireDurable(client);
  await bornAt(now);

  async function find(sessionId: string): Promise<StoredSession | undefined> {
    // Twice: it may be ended, and so be elsewhere, between the two looks.
    for (let look = 0; look < 2; look++) {
      const { uid, seen, ended } = await client.hgetall(sessionKey(sessionId));
      if (uid === undefined) return undefined;
      const text = ended ?? (await client.hget(userKey(uid), SESSION_FIELD + sessionId));
      if (text !== null) return { ...parseKept(text), lastSeenAt: Number(seen) };
    }
    return undefined;
  }

  /** Forgets some sessions that expired at or before a time; says whether there may be more. */
  async function sweepSome(until: number): Promise<boolean> {
    const { expiry } = STORE_KEYS;
    const expired = await client.zrangebyscore(expiry, '-inf', until, 'LIMIT', 0, SWEEP_BATCH);
    if (expired.length === 0) return false;
    const pipeline = client.pipeline();
    for (const sessionId of expired) pipeline.hget(sessionKey(sessionId), 'uid');
    const uids = (await execPipeline(pipeline)) as (string | null)[];
    const nobodys = expired.filter((_, index) => uids[index] === null);
    if (nobodys.length > 0) await client.zrem(expiry, ...nobodys);
    let forgotten = nobodys.length;
    for (const uid of new Set(uids)) {
      if (uid === null) continue;
      const theirs = expired.filter((_, index) => uids[index] === uid);
      forgotten += await changeUser(uid, (kept) => {
        // Refreshed since the first look.
        const going = new Set(
          kept.flatMap((each) => (each.family.expiresAt > until ? [each.sessionId] : [])),
        );
        const gone = theirs.filter((sessionId) => !going.has(sessionId));
        return { changes: gone.map((sessionId) => ({ kind: 'drop', sessionId })), result: gone.length };
      });
    }
    return expired.length === SWEEP_BATCH && forgotten > 0;
  }

  return {
    bornAt,
    find,

    open: ({ lastSeenAt, ...session }, policy) =>
      changeUser(session.uid, (kept) => {
        const at = session.createdAt;
        const displaced = kept.filter(
          (other) => isChosen(other, { uid: session.uid }, at) && displaces(policy, session, other),
        );
        const changes: SessionChange[] = [
          ...displaced.map((other) => ended(other, SignOutReason_Value.REPLACED, at)),
          { kind: 'put', session: { ...session, endedAt: undefined }, seenAt: lastSeenAt },
        ];
        return { changes, result: undefined };
      }),

    async list(uid, at) {
      const live = (await readUser(uid)).filter((session) => isChosen(session, { uid }, at));
      const seen = await reports.of(
        live.map(({ sessionId }) => sessionId),
        at,
      );
      return live
        .map((session, index) => ({ ...session, ...seen[index]! }))
        .sort((a, b) => b.lastSeenAt - a.lastSeenAt || (a.sessionId < b.sessionId ? -1 : 1));
    },

    report: reports.take,
    lastSeen: reports.lastSeen,

    async rotate({ sessionId, fromGeneration, newestHash, expiresAt, at, address }) {
      const uid = await client.hget(sessionKey(sessionId), 'uid');
      if (uid === null) return false;
      return changeUser(uid, (kept) => {
        const session = kept.find((each) => each.sessionId === sessionId);
        if (session?.family.generation !== fromGeneration || session.family.expiresAt <= at) {
          return { changes: [], result: false };
        }
        const rotated: KeptSession = {
          ...session,
          address: address === '' ? session.address : address,
          family: {
            generation: fromGeneration + 1,
            newestHash,
            previousHash: session.family.newestHash,
            rotatedAt: at,
            expiresAt,
          },
        };
        return { changes: [{ kind: 'put', session: rotated, seenAt: at }], result: true };
      });
    },

    end: (choice, reason, at) =>
      changeUser(choice.uid, (kept) => {
        const changes = kept
          .filter((session) => isChosen(session, choice, at))
          .map((session) => ended(session, reason, at));
        return { changes, result: changes.length };
      }),

    revocationsSince: revocations.since,

    async sweep(at) {
      await revocations.sweep(at - REVOCATIONS_KEPT_MS);
      while (await sweepSome(at - ENDED_KEPT_MS));
    },
  };
}

function ended(session: KeptSession, reason: SignOutReason_Value, at: number): SessionChange {
  return { kind: 'end', session, reason, at };
}
