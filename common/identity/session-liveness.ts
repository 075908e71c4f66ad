import { Counter, type Registry } from 'prom-client';
import { ImError } from '../errors/im-error.ts';
import type { AuthService, ListRevokedResponse, RevokedSession } from '../gen/im/auth/v1/auth_service_pb.ts';
import type { SignOutReason_Value } from '../gen/im/session/v1/session_pb.ts';
import type { RpcClient } from '../rpc/types.ts';
import type { Logger } from '../telemetry/log.ts';

/** A revoked session is out within 2 s: this, and the time of a call. */
const POLL_INTERVAL_MS = 1_000;

/** A poll that hangs is given up in time for the next one. */
const POLL_TIMEOUT_MS = 1_000;

/** Longer than an access token lives (15 min), counted from when the revocation was learnt. */
const REVOKED_KEPT_MS = 20 * 60_000;

/** How far the clock of auth-service may be ahead of ours, in milliseconds. */
const CLOCKS_DIFFER_MS = 60_000;

/** A session that has ended before its time. */
export interface RevokedSessionNotice {
  readonly sessionId: string;
  readonly uid: string;
  readonly reason: SignOutReason_Value;
}

export interface SessionLiveness {
  /** Resolves when all kept revocations have been read once; stays open if closed before. */
  readonly ready: Promise<void>;
  /** Why tokens cannot be judged yet, in words; undefined from the first complete reading on. */
  notReady(): string | undefined;
  /**
   * Throws SESSION_REVOKED when the token's session has ended, TOKEN_INVALID when the token was issued
   * before the session store was born, SERVICE_AWAY before the first complete reading.
   */
  check(token: { readonly sessionId: string; readonly issuedAt: number }): void;
  close(): Promise<void>;
}

export interface SessionLivenessOptions {
  auth: RpcClient<typeof AuthService>;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Logger;
  metrics: Registry;
  intervalMs?: number;
  /** Milliseconds of a clock that nobody sets: a wrong date must not make a revocation forgotten early. */
  clock?: () => number;
  /** Called once for each revocation learnt, those of the first reading included. */
  onRevoked?: (revoked: RevokedSessionNotice) => void;
  /** The session store was emptied: sockets whose token was issued before `bornAt` have no session any more. */
  onReborn?: (bornAt: number) => void;
}

/**
 * Keeps in memory which sessions have ended lately, by polling auth-service.
 *
 * While auth-service is away what is known goes on being used (signing everybody out would be worse
 * than a revocation that comes late); what was missed is learnt as soon as it is back.
 */
export function startSessionLiveness(options: SessionLivenessOptions): SessionLiveness {
  const { auth, now, log, intervalMs = POLL_INTERVAL_MS, clock = () => performance.now() } = options;
  const failedPolls = new Counter({
    name: 'im_session_liveness_failed_polls_total',
    help: 'Readings of the revoked sessions that failed.',
    registers: [options.metrics],
  });
  const closing = new AbortController();
  const ready = Promise.withResolvers<void>();
  /** When each was learnt, in that order. */
  const revoked = new Map<string, number>();
  let bornAt: number | undefined;
  let complete = false;
  let away = false;
  let cursor: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<void> = Promise.resolve();

  function learn(entry: RevokedSession): void {
    if (revoked.has(entry.sessionId)) return;
    revoked.set(entry.sessionId, clock());
    tell(() => options.onRevoked?.({ sessionId: entry.sessionId, uid: entry.uid, reason: entry.reason }));
  }

  function learnBirth(answer: ListRevokedResponse): void {
    const born = Date.parse(answer.bornAt);
    if (bornAt !== undefined && born > bornAt) tell(() => options.onReborn?.(born));
    bornAt = born;
  }

  function tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      log.error({ err: error }, 'a listener for ended sessions failed');
    }
  }

  /** Reads page by page until nothing new comes. */
  async function poll(): Promise<void> {
    let answer: ListRevokedResponse;
    let before: string | undefined;
    do {
      before = cursor;
      answer = await auth.listRevoked({ cursor }, { timeoutMs: POLL_TIMEOUT_MS, signal: closing.signal });
      learnBirth(answer);
      for (const entry of answer.revoked) learn(entry);
      cursor = answer.cursor;
    } while (answer.revoked.length > 0 && cursor !== before);
    forgetOld();
    complete = true;
    ready.resolve();
  }

  function forgetOld(): void {
    for (const [sessionId, learntAt] of revoked) {
      if (clock() - learntAt < REVOKED_KEPT_MS) return;
      revoked.delete(sessionId);
    }
  }

  async function tick(): Promise<void> {
    const startedAt = performance.now();
    try {
      await poll();
      if (away) log.info('revoked sessions can be read again');
      away = false;
    } catch (error) {
      if (closing.signal.aborted) return;
      failedPolls.inc();
      if (!away) log.warn({ err: error }, 'revoked sessions cannot be read; going on with those known');
      away = true;
    }
    if (closing.signal.aborted) return;
    timer = setTimeout(run, Math.max(0, intervalMs - (performance.now() - startedAt)));
  }

  function run(): void {
    polling = tick();
  }
  run();

  return {
    ready: ready.promise,
    notReady: () => (complete ? undefined : 'the revoked sessions have not been read from auth-service yet'),
    check({ sessionId, issuedAt }) {
      if (!complete || bornAt === undefined) {
        throw new ImError('SERVICE_AWAY', 'sessions cannot be checked at the moment');
      }
      if (revoked.has(sessionId))
        throw new ImError('SESSION_REVOKED', 'this session has ended; sign in again');
      if (issuedAt >= bornAt) return;
      // Born ahead: the clock was set back since, and the next poll brings a birth that can be compared.
      if (bornAt > now() + CLOCKS_DIFFER_MS)
        throw new ImError('SERVICE_AWAY', 'sessions cannot be checked at the moment');
      throw new ImError('TOKEN_INVALID', 'this access token has no session any more');
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await polling;
    },
  };
}
