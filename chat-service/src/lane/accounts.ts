import { noticeConversationId } from '@im/common/utils/conversation-id.ts';
import { partitionOf } from '@im/common/utils/murmur2.ts';
import type { Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Account } from '../domain/friend-required.ts';
import { readConversations } from '../store/conversation.ts';
import type { ChatSchema } from '../store/schema.ts';

/** Accounts remembered at most. */
const MAX_ACCOUNTS = 100_000;
/** For how long an account that exists is believed to be as it was: a disabled one is out within 2 s. */
const BELIEVED_MS = 1_000;

/** Whether people exist and may be written to, by their notice conversations. */
export interface Accounts {
  /** Reads those not remembered; a plain read that locks nothing. Absence is never remembered. */
  load(db: Kysely<ChatSchema>, uids: Iterable<string>): Promise<ReadonlyMap<string, Account>>;
  /** Forgets what is known of someone whose state has just changed. */
  forget(uid: string): void;
}

export function createAccounts(partitions: number, now: () => number): Accounts {
  const known = new LRUCache<string, { account: Account; at: number }>({ max: MAX_ACCOUNTS });
  return {
    async load(db, uids) {
      const found = new Map<string, Account>();
      const missing: string[] = [];
      for (const uid of uids) {
        const entry = known.get(uid);
        const age = entry ? now() - entry.at : Number.POSITIVE_INFINITY;
        // A clock that was set back gives a negative age: not believed either.
        if (entry && age >= 0 && age < BELIEVED_MS) found.set(uid, entry.account);
        else missing.push(uid);
      }
      if (missing.length === 0) return found;
      const rows = await readConversations(
        db,
        missing.map((uid) => [partitionOf(noticeConversationId(uid), partitions), noticeConversationId(uid)]),
      );
      for (const row of rows) {
        const uid = row.conversation_id.slice('n:'.length);
        const account = { disabled: row.disabled === 1, closed: row.closed === 1 };
        known.set(uid, { account, at: now() });
        found.set(uid, account);
      }
      return found;
    },
    forget: (uid) => void known.delete(uid),
  };
}
