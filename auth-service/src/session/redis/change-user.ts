import type { Redis } from '@im/common/cache/redis.ts';
import { ImError } from '@im/common/errors/im-error.ts';
import type { SignOutReason_Value } from '@im/common/gen/im/session/v1/session_pb.ts';
import { randomToken } from '@im/common/utils/random-id.ts';
import { defineChangeScript } from './change-script.ts';
import { type KeptSession, keptText, parseKept } from './kept-session.ts';
import { endedKey, SESSION_FIELD, STORE_KEYS, sessionKey, userKey } from './keys.ts';

/** Each try that fails is a change of somebody else that succeeded. */
const MOST_TRIES = 100;
const VERSION_BYTES = 9;

/** One change of a user's sessions. */
export type SessionChange =
  | { readonly kind: 'put'; readonly session: KeptSession; readonly seenAt: number }
  | {
      readonly kind: 'end';
      readonly session: KeptSession;
      readonly reason: SignOutReason_Value;
      readonly at: number;
    }
  | { readonly kind: 'drop'; readonly sessionId: string };

/** What is to be done, and what comes of it. Without changes nothing is written. */
export interface Decision<T> {
  readonly changes: readonly SessionChange[];
  readonly result: T;
}

/** The sessions of a user that have not been ended, expired ones included. */
export type ReadUser = (uid: string) => Promise<KeptSession[]>;

/**
 * Changes the sessions of a user by what they are: `decide` is asked with those that have not been ended,
 * and asked again when somebody else has changed them before the changes were made.
 */
export type ChangeUser = <T>(uid: string, decide: (kept: KeptSession[]) => Decision<T>) => Promise<T>;

export function createUserChanges(client: Redis): { readUser: ReadUser; changeUser: ChangeUser } {
  const script = defineChangeScript(client);

  async function read(uid: string): Promise<{ version: string; sessions: KeptSession[] }> {
    const { version = '', ...fields } = await client.hgetall(userKey(uid));
    const texts = Object.entries(fields).filter(([field]) => field.startsWith(SESSION_FIELD));
    return { version, sessions: texts.map(([, text]) => parseKept(text)) };
  }

  async function write(uid: string, version: string, changes: readonly SessionChange[]): Promise<boolean> {
    const { expiry, store, revocations, ages } = STORE_KEYS;
    const keys = [userKey(uid), endedKey(uid), expiry, store, revocations, ages];
    const ids = changes.map((change) =>
      change.kind === 'drop' ? change.sessionId : change.session.sessionId,
    );
    const texts = changes.map((change) => asText(uid, change));
    const written = await script.run(
      [...keys, ...ids.map(sessionKey)],
      [version, randomToken(VERSION_BYTES), JSON.stringify(texts)],
    );
    return written === 1;
  }

  return {
    readUser: async (uid) => (await read(uid)).sessions,
    async changeUser(uid, decide) {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const { version, sessions } = await read(uid);
        const { changes, result } = decide(sessions);
        if (changes.length === 0 || (await write(uid, version, changes))) return result;
      }
      throw new ImError('OVERLOADED', 'too many changes of one account at a time; try again later');
    },
  };
}

/** What the script reads of a change; numbers as text, which Lua passes on as it is. */
function asText(uid: string, change: SessionChange): Record<string, string> {
  switch (change.kind) {
    case 'put': {
      const { session, seenAt } = change;
      return {
        kind: 'put',
        id: session.sessionId,
        uid,
        text: keptText(session),
        seen: String(seenAt),
        expiresAt: String(session.family.expiresAt),
      };
    }
    case 'end': {
      const { session, reason, at } = change;
      const { sessionId } = session;
      return {
        kind: 'end',
        id: sessionId,
        text: keptText({ ...session, endedAt: at }),
        revocation: JSON.stringify({ sessionId, uid, reason }),
        at: String(at),
      };
    }
    case 'drop':
      return { kind: 'drop', id: change.sessionId };
  }
}
