import type { Platform_Value, SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import type { DevicePolicy } from '../domain/device-policy.ts';

/** How long revocations are kept: longer than an access token lives, so that none outlives its revocation. */
export const REVOCATIONS_KEPT_MS = 20 * 60_000;

/** How long a session that has ended or expired can still be told apart from one that never was. */
export const ENDED_KEPT_MS = 7 * 24 * 60 * 60_000;

/** How long a session counts as online after its gateway has last said so. */
export const ONLINE_KEPT_MS = 30_000;

/** How far the clocks of those who open sessions may differ, in milliseconds. */
export const CLOCKS_DIFFER_MS = 60_000;

/** The line of a session's refresh tokens, of which only hashes are known here. */
export interface RefreshFamily {
  /** Of the newest token; the first is 1. */
  readonly generation: number;
  readonly newestHash: string;
  /** Of the token before; '' for the first. */
  readonly previousHash: string;
  /** When the newest was made. */
  readonly rotatedAt: number;
  /** When the newest, and with it the session, expires. */
  readonly expiresAt: number;
}

/** The session of a signed-in device. All times are milliseconds since 1970. */
export interface StoredSession {
  readonly sessionId: string;
  readonly uid: string;
  readonly deviceId: string;
  readonly platform: Platform_Value;
  readonly name: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly address: string;
  readonly family: RefreshFamily;
  /** Unset while it lives. A session that has merely expired has none. */
  readonly endedAt: number | undefined;
}

export type NewSession = Omit<StoredSession, 'endedAt'>;

/** A live session, and whether a gateway holds a socket of it. */
export interface ListedSession extends StoredSession {
  readonly online: boolean;
}

/** What a gateway says about the sessions whose sockets it holds. */
export interface SessionReport {
  readonly gatewayBootId: string;
  /** It holds these, now or still. */
  readonly online: readonly string[];
  /** It held these, and their last socket here is gone. Counts after `online`. */
  readonly offline: readonly string[];
  readonly at: number;
}

/** One use of the newest refresh token. */
export interface Rotation {
  readonly sessionId: string;
  readonly fromGeneration: number;
  readonly newestHash: string;
  readonly expiresAt: number;
  readonly at: number;
  /** The client's address; '' leaves the known one. */
  readonly address: string;
}

/** Which of a user's sessions to end. */
export interface EndChoice {
  readonly uid: string;
  /** Only this one. */
  readonly sessionId?: string | undefined;
  /** All but this one. */
  readonly exceptSessionId?: string | undefined;
  /** Only those created earlier than this. */
  readonly createdBefore?: number | undefined;
}

export interface Revocation {
  readonly sessionId: string;
  readonly uid: string;
  readonly reason: SignOutReason_Value;
}

export interface RevocationPage {
  readonly revocations: readonly Revocation[];
  /** Where to go on. */
  readonly cursor: string;
}

/**
 * The sessions of users' devices, and which of them have ended lately.
 *
 * - A promise that resolves is on disk; a change is whole or not at all, revocations included.
 * - A session is live from `open` until it is ended or its `expiresAt` has come. A dead one never lives again.
 * - Each session that is ended (not one that expires) leaves one revocation, in commit order, kept for at
 *   least REVOCATIONS_KEPT_MS.
 * - Sessions stay findable for ENDED_KEPT_MS after their `expiresAt`, ended or not.
 * - A session is online while any gateway has reported it so within ONLINE_KEPT_MS. It was last seen when it
 *   was opened, its tokens were refreshed, or a gateway last reported it online or gone offline: whichever was last.
 * - Times come from the caller; the store has no clock.
 */
export interface Sessions {
  /**
   * When the store was born, a full second: set when it is first opened and kept with its content, so a
   * store that lost its content has a later one. One that lies over MOST_AHEAD_MS
   * ahead of `now`, because the clock was set back since, becomes the present: tokens would be dated by it,
   * and nobody takes tokens from so far ahead.
   */
  bornAt(now: number): Promise<number>;

  /**
   * Opens a session, and ends as REPLACED those live ones of the same user that it displaces: the one of the
   * same device, and what the policy says. Of logins at once one is the last, and the policy holds after it.
   */
  open(session: NewSession, policy: DevicePolicy): Promise<void>;

  /** The session of an id, live or not. */
  find(sessionId: string): Promise<StoredSession | undefined>;

  /** The live sessions of a user, last seen first. */
  list(uid: string, now: number): Promise<ListedSession[]>;

  /** Takes a gateway's report. Sessions that it does not know, or that are not online, do no harm. */
  report(report: SessionReport): Promise<void>;

  /** When these users were last seen on any device, sessions that have ended included; unknown ones have no key. */
  lastSeen(uids: readonly string[]): Promise<ReadonlyMap<string, number>>;

  /**
   * Makes the next generation the newest, once: false, and nothing is changed, when the session is ended
   * or its newest generation is not `fromGeneration`. Of several at once one gets true.
   */
  rotate(rotation: Rotation): Promise<boolean>;

  /** Ends the live sessions of a choice; says how many. Ended ones keep their first reason. */
  end(choice: EndChoice, reason: SignOutReason_Value, at: number): Promise<number>;

  /**
   * Revocations after a cursor, oldest first, at most `limit`. Without a cursor, or with one that this
   * store did not give, from the oldest that is kept.
   */
  revocationsSince(cursor: string | undefined, limit: number): Promise<RevocationPage>;

  /** Forgets what need not be kept any longer at `now`. */
  sweep(now: number): Promise<void>;
}
