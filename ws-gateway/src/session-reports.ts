import type { AuthService } from '@im/common/gen/im/auth/v1/auth_service_pb.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { within } from '@im/common/utils/wait.ts';

/** How often changes are reported, in milliseconds. */
const REPORT_MS = 1_000;

/** How often all that is online is reported again; auth-service forgets it after three times as long. */
const REPEAT_MS = 10_000;

/** Sessions in one report, some 25 bytes each. */
const MOST_AT_ONCE = 2_000;

/**
 * A session that went longer ago than this is not reported as just gone: while
 * auth-service was away its last report says better when it was last seen.
 */
const GONE_FOR_MS = 5_000;

/** What a stopping gateway waits for its last report, in milliseconds. */
const LAST_REPORT_MS = 1_000;

/** Tells auth-service which sessions have sockets here. Never waited for by a socket. */
export interface SessionReports {
  /** A session has its first socket here, or its last one is gone: whichever is true when it is reported. */
  changed(sessionId: string): void;
  start(): void;
  /** Reports what is left to say. */
  close(): Promise<void>;
}

export interface SessionReportsOptions {
  auth: Pick<RpcClient<typeof AuthService>, 'reportSessions'>;
  bootId: string;
  /** Monotonic, in milliseconds. */
  clock: () => number;
  log: Logger;
  /** The sessions that have a socket here. */
  online: { has(sessionId: string): boolean; keys(): Iterable<string> };
}

export function createSessionReports({
  auth,
  bootId,
  clock,
  log,
  online,
}: SessionReportsOptions): SessionReports {
  /** Since when each has something to be said about it. */
  const pending = new Map<string, number>();
  let repeatAt = clock() + REPEAT_MS;
  let reporting: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function changed(sessionId: string): void {
    pending.set(sessionId, clock());
  }

  async function report(): Promise<void> {
    if (clock() >= repeatAt) {
      repeatAt = clock() + REPEAT_MS;
      for (const sessionId of online.keys()) changed(sessionId);
    }
    while (pending.size > 0) await reportSome();
  }

  async function reportSome(): Promise<void> {
    const taken = [...pending].slice(0, MOST_AT_ONCE);
    for (const [sessionId] of taken) pending.delete(sessionId);
    const onlineSessionIds = taken.flatMap(([sessionId]) => (online.has(sessionId) ? sessionId : []));
    const offlineSessionIds = taken.flatMap(([sessionId, since]) =>
      !online.has(sessionId) && clock() - since < GONE_FOR_MS ? sessionId : [],
    );
    if (onlineSessionIds.length + offlineSessionIds.length === 0) return;
    try {
      await auth.reportSessions({ gatewayBootId: bootId, onlineSessionIds, offlineSessionIds });
    } catch (error) {
      // What has changed again meanwhile has a later time.
      for (const [sessionId, since] of taken) if (!pending.has(sessionId)) pending.set(sessionId, since);
      throw error;
    }
  }

  function reportNow(): Promise<void> {
    reporting ??= report()
      .catch((error: unknown) => log.debug({ err: error }, 'auth-service was not told who is online'))
      .finally(() => {
        reporting = undefined;
      });
    return reporting;
  }

  return {
    changed,
    start() {
      timer = setInterval(reportNow, REPORT_MS);
    },
    async close() {
      clearInterval(timer);
      await within(Promise.resolve(reporting).then(reportNow), LAST_REPORT_MS);
    },
  };
}
