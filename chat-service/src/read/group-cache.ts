import type { ControlRecord } from '@im/common/gen/im/chat/v1/control_pb.ts';
import type { Group } from '@im/common/gen/im/group/v1/group_pb.ts';
import type { GroupService } from '@im/common/gen/im/group/v1/group_service_pb.ts';
import type { CallContext } from '@im/common/rpc/context.ts';
import type { RpcClient } from '@im/common/rpc/types.ts';
import type { Logger } from '@im/common/telemetry/log.ts';
import { LRUCache } from 'lru-cache';

/** Groups remembered at most … */
const MAX_GROUPS = 20_000;
/** … and for how long. Milliseconds. */
const FRESH_MS = 60_000;
/** group-service answers this many at once. */
const MAX_BATCH = 200;
/** How long an answer waits for group-service before it goes out without groups. Milliseconds. */
const TIMEOUT_MS = 500;

/** The groups that conversations are shown with. */
export interface GroupCache {
  /** Those that are known or could be asked for; the others are left out while group-service is away. */
  groups(groupIds: Iterable<string>, within?: CallContext): Promise<ReadonlyMap<string, Group>>;
  /** What group-service has just told of a group: the group as it is, or that it is another one now. */
  told(groupId: string, records: readonly ControlRecord[]): void;
}

export function createGroupCache(options: {
  client: RpcClient<typeof GroupService>;
  now: () => number;
  log: Logger;
}): GroupCache {
  const { client, now, log } = options;
  const known = new LRUCache<string, { group: Group; at: number }>({ max: MAX_GROUPS });
  /** Moved by all that is told: what was asked for before it may be older. */
  let toldCount = 0;
  const remember = (group: Group) => known.set(group.groupId, { group, at: now() });
  return {
    async groups(groupIds, within) {
      const found = new Map<string, Group>();
      const missing: string[] = [];
      for (const groupId of new Set(groupIds)) {
        const entry = known.get(groupId);
        if (entry && Math.abs(now() - entry.at) < FRESH_MS) found.set(groupId, entry.group);
        else missing.push(groupId);
      }
      try {
        for (let i = 0; i < missing.length; i += MAX_BATCH) {
          const toldBefore = toldCount;
          const { groups } = await client.batchGetGroups(
            { groupIds: missing.slice(i, i + MAX_BATCH) },
            { within, timeoutMs: TIMEOUT_MS },
          );
          for (const group of groups) {
            if (toldCount === toldBefore) remember(group);
            found.set(group.groupId, group);
          }
        }
      } catch (error) {
        log.debug({ err: error }, 'shown without groups: group-service does not answer');
      }
      return found;
    },
    told(groupId, records) {
      toldCount++;
      const { kind } = records.at(-1) ?? {};
      if (kind?.case === 'updateGroup' && kind.value.group) remember(kind.value.group);
      // Its members are not those that were counted.
      else known.delete(groupId);
    },
  };
}
