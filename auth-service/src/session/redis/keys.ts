/**
 * What the session store holds in Redis. Sessions of a user that have not been ended are together in one
 * hash, so that a change reads and writes all that it depends on; what gateways report often is apart.
 */
export const STORE_KEYS = {
  /** Hash: `bornAt`, and `lastNo`, the number of the last revocation. */
  store: 'store',
  /** Sorted set of revocations by number. */
  revocations: 'revocations',
  /** Sorted set of the numbers of revocations by time. */
  ages: 'revocation-ages',
  /** Sorted set of session ids by the time they expire, ended ones included. */
  expiry: 'expiry',
} as const;

/** Hash: `version`, which changes with every change, and the text of each session that has not been ended. */
export const userKey = (uid: string) => `user:${uid}`;

/** Sorted set of the ids of a user's ended sessions by when they were last seen. */
export const endedKey = (uid: string) => `ended:${uid}`;

/**
 * Hash of one session: `uid`, `seen`, when it was last seen, `ended`, its text once it has been ended, and
 * for each gateway that says it is online when that was last said.
 */
export const sessionKey = (sessionId: string) => `session:${sessionId}`;

/** In front of a session's id in its user's hash. */
export const SESSION_FIELD = 's:';

/** In front of a gateway's boot id in a session's hash. */
export const ONLINE_FIELD = 'on:';
