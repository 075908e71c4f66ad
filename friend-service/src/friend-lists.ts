import { type CacheAside, createCacheAside } from '@im/common/cache/cache-aside.ts';
import type { Database } from '@im/common/database/database.ts';
import type { ServiceHost } from '@im/common/service/module.ts';
import { type FriendPosition, type FriendshipRow, listFriendships } from './store/friendship.ts';
import type { FriendTables } from './store/tables.ts';

/** Friends kept of a list; those behind them are read from the store. */
const MOST_KEPT = 1_000;
/**
 * How long a list is kept, in milliseconds: what bounds a stale one, where the process that changed it died
 * before it could say so.
 */
const FRESH_MS = 5 * 60_000;

/** The beginning of somebody's list of friends, the oldest friendship first. */
export interface FriendList {
  readonly rows: readonly FriendshipRow[];
  /** Whether nobody comes behind them. */
  readonly isWhole: boolean;
}

/**
 * Lists of friends beside a cache, by whose they are. For lists only: who may do what is decided by the
 * store. After the COMMIT of a change the lists of both are forgotten before the RPC answers.
 */
export type FriendLists = CacheAside<FriendList>;

export function createFriendLists(
  { cache, log, metrics }: Pick<ServiceHost, 'cache' | 'log' | 'metrics'>,
  database: Database<FriendTables>,
): FriendLists {
  return createCacheAside<FriendList>({
    cache,
    name: 'friend-list',
    freshMs: FRESH_MS,
    encode: (list) => JSON.stringify(list),
    decode: (text) => JSON.parse(text) as FriendList,
    async load(uids) {
      const lists = new Map<string, FriendList>();
      for (const uid of uids) {
        const rows = await listFriendships(database.read, { uid, after: undefined, limit: MOST_KEPT + 1 });
        lists.set(uid, { rows: rows.slice(0, MOST_KEPT), isWhole: rows.length <= MOST_KEPT });
      }
      return lists;
    },
    log,
    metrics,
  });
}

/** The friends of `uid`, the oldest friendship first, after `after`. */
export async function readFriends(
  { friendLists, database }: { friendLists: FriendLists; database: Database<FriendTables> },
  page: { uid: string; after: FriendPosition | undefined; limit: number },
): Promise<FriendshipRow[]> {
  const list = await friendLists.get(page.uid);
  const rows = list?.rows.filter((row) => comesAfter(row, page.after)).slice(0, page.limit) ?? [];
  return list?.isWhole || rows.length === page.limit ? rows : listFriendships(database.read, page);
}

function comesAfter(row: FriendshipRow, after: FriendPosition | undefined): boolean {
  if (after === undefined || row.since > after.since) return true;
  return row.since === after.since && row.friend_uid > after.uid;
}
