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
  /**
   * The groups of these ids, each with the version of group-service's last change that the log has: what is
   * remembered counts only as of that version, whichever instance was told of it. Those that are neither
   * known nor could be asked for are left out.
   */
  groups(wanted: ReadonlyMap<string, number>, within?: CallContext): Promise<ReadonlyMap<string, Group>>;
  /** What group-service has just told of one group, as this version. */
  told(version: number, records: readonly ControlRecord[]): void;
}

export function createGroupCache(options: {
  client: RpcClient<typeof GroupService>;
  now: () => number;
  log: Logger;
}): GroupCache {
  const { client, now, log } = options;
  const known = new LRUCache<string, { group: Group; version: number; at: number }>({ max: MAX_GROUPS });

  function remember(group: Group, version: number): void {
    // An answer that was asked for before a change may come after the word of it.
    if ((known.get(group.groupId)?.version ?? 0) <= version)
      known.set(group.groupId, { group, version, at: now() });
  }

  return {
    async groups(wanted, within) {
      const found = new Map<string, Group>();
      const missing: string[] = [];
      for (const [groupId, version] of wanted) {
        const entry = known.get(groupId);
        if (entry?.version === version && Math.abs(now() - entry.at) < FRESH_MS)
          found.set(groupId, entry.group);
        else missing.push(groupId);
      }
      try {
        for (let i = 0; i < missing.length; i += MAX_BATCH) {
          const { groups } = await client.batchGetGroups(
            { groupIds: missing.slice(i, i + MAX_BATCH) },
            { within, timeoutMs: TIMEOUT_MS },
          );
          for (const group of groups) {
            remember(group, wanted.get(group.groupId) ?? 0);
            found.set(group.groupId, group);
          }
        }
      } catch (error) {
        log.debug({ err: error }, 'shown without groups: group-service does not answer');
      }
      return found;
    },
    told(version, records) {
      const { kind } = records.at(-1) ?? {};
      if (kind?.case === 'updateGroup' && kind.value.group) remember(kind.value.group, version);
    },
  };
}
