import type { Redis } from '@im/common/cache/redis.ts';
import { execPipeline } from '@im/common/cache/redis-pipeline.ts';
import { defineScript } from '@im/common/cache/redis-script.ts';
import { ONLINE_KEPT_MS, type SessionReport } from '../sessions.ts';
import { endedKey, ONLINE_FIELD, SESSION_FIELD, sessionKey, userKey } from './keys.ts';

/** Sessions of one script, so that a gateway's great report holds up nobody. */
const BATCH = 500;
/** A session with more fields than its own and those of two gateways has some of gateways that are gone. */
const FIELDS_TO_TIDY = 6;
/** Ended sessions of a user that are looked at: of one that ended long ago nobody reports anything. */
const ENDED_LOOKED_AT = 10;

/**
 * KEYS: sessions. ARGV: the gateway's field, the time, `online` or `offline`, how long a report counts, how
 * many fields are too many, what gateways' fields begin with.
 */
const REPORT = `
local field, at, kept, many, prefix = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
for _, session in ipairs(KEYS) do
  local seen = redis.call('HGET', session, 'seen')
  if seen then
    if ARGV[3] == 'online' then
      redis.call('HSET', session, field, ARGV[2])
    else
      redis.call('HDEL', session, field)
    end
    if tonumber(seen) < at then redis.call('HSET', session, 'seen', ARGV[2]) end
    if redis.call('HLEN', session) > many then
      local fields = redis.call('HGETALL', session)
      for i = 1, #fields, 2 do
        local is_gateway = string.sub(fields[i], 1, #prefix) == prefix
        if is_gateway and math.abs(at - tonumber(fields[i + 1])) >= kept then
          redis.call('HDEL', session, fields[i])
        end
      end
    end
  end
end
return 0`;

/** What gateways say of sessions. */
export interface Reports {
  take(report: SessionReport): Promise<void>;
  /** When a session was last seen, and whether it is online at `now`. */
  of(sessionIds: readonly string[], now: number): Promise<{ lastSeenAt: number; online: boolean }[]>;
  /** When users were last seen on any device; unknown ones have no key. */
  lastSeen(uids: readonly string[]): Promise<Map<string, number>>;
}

export function createReports(client: Redis): Reports {
  const script = defineScript(client, 'imReportSessions', REPORT);

  async function note(report: SessionReport, state: 'online' | 'offline'): Promise<void> {
    const sessionIds = report[state];
    const args = [ONLINE_FIELD + report.gatewayBootId, report.at, state];
    for (let i = 0; i < sessionIds.length; i += BATCH) {
      const keys = sessionIds.slice(i, i + BATCH).map(sessionKey);
      await script.run(keys, [...args, ONLINE_KEPT_MS, FIELDS_TO_TIDY, ONLINE_FIELD]);
    }
  }

  async function sessionIdsOf(uids: readonly string[]): Promise<string[][]> {
    const pipeline = client.pipeline();
    for (const uid of uids) {
      pipeline.hkeys(userKey(uid)).zrevrange(endedKey(uid), 0, ENDED_LOOKED_AT - 1);
    }
    const replies = (await execPipeline(pipeline)) as string[][];
    return uids.map((_, index) => {
      const fields = replies[2 * index] ?? [];
      const kept = fields.filter((field) => field.startsWith(SESSION_FIELD));
      return [...kept.map((field) => field.slice(SESSION_FIELD.length)), ...(replies[2 * index + 1] ?? [])];
    });
  }

  return {
    async take(report) {
      await note(report, 'online');
      await note(report, 'offline');
    },
    async of(sessionIds, now) {
      if (sessionIds.length === 0) return [];
      const pipeline = client.pipeline();
      for (const sessionId of sessionIds) pipeline.hgetall(sessionKey(sessionId));
      const hashes = (await execPipeline(pipeline)) as Record<string, string>[];
      return hashes.map((fields) => {
        const reportedAt = Object.entries(fields).map(([field, at]) =>
          field.startsWith(ONLINE_FIELD) ? Number(at) : 0,
        );
        // Absolute, so that a clock set back does not keep a session online for ever.
        const online = Math.abs(now - Math.max(0, ...reportedAt)) < ONLINE_KEPT_MS;
        return { lastSeenAt: Number(fields.seen ?? 0), online };
      });
    },
    async lastSeen(uids) {
      const seen = new Map<string, number>();
      const wanted = [...new Set(uids)];
      if (wanted.length === 0) return seen;
      const sessionIds = await sessionIdsOf(wanted);
      const pipeline = client.pipeline();
      for (const sessionId of sessionIds.flat()) pipeline.hget(sessionKey(sessionId), 'seen');
      const times = (await execPipeline(pipeline)) as (string | null)[];
      let next = 0;
      for (const [index, uid] of wanted.entries()) {
        for (const _ of sessionIds[index] ?? []) {
          const at = Number(times[next++] ?? 0);
          if (at > (seen.get(uid) ?? 0)) seen.set(uid, at);
        }
      }
      return seen;
    },
  };
}
