import { LRUCache } from 'lru-cache';
import type { PartitionTable } from '../store/log-partition.ts';
import type { ConversationState } from './conversation-state.ts';

/** Members of cached conversations, all together; the least recently used conversation goes first. */
const MAX_CACHED_MEMBERS = 500_000;

/**
 * Heads, members and policies as this instance last left them in the store.
 *
 * When a cached head is trusted: only inside a lane's transaction that holds
 * the partition's lock, and only while the partition's row shows the epoch and
 * change_no remembered here. Nothing is put in before a COMMIT has succeeded,
 * and an error of any kind drops the partitions it touched.
 */
export interface CachedHeads {
  /**
   * Compares a locked row with what is remembered; `changedSince` names the
   * conversations that another instance changed. Call before `get`.
   */
  trust(row: PartitionTable, changedSince: (changeNo: number) => Promise<string[]>): Promise<void>;
  get(conversationId: string): ConversationState | undefined;
  /** After COMMIT: what the partition holds now. */
  adopt(row: PartitionTable, states: Iterable<ConversationState>): void;
  drop(partitionIds: Iterable<number>): void;
}

export function createCachedHeads(): CachedHeads {
  const remembered = new Map<number, { epoch: string; changeNo: number }>();
  const states = new LRUCache<string, ConversationState>({
    maxSize: MAX_CACHED_MEMBERS,
    sizeCalculation: (state) => state.members.size + 1,
  });

  function drop(partitionId: number): void {
    remembered.delete(partitionId);
    for (const [id, state] of states.entries()) {
      if (state.row.partition_id === partitionId) states.delete(id);
    }
  }

  return {
    async trust(row, changedSince) {
      const known = remembered.get(row.partition_id);
      if (known?.epoch === row.epoch && known.changeNo === row.change_no) return;
      if (known?.epoch === row.epoch && known.changeNo < row.change_no) {
        for (const id of await changedSince(known.changeNo)) states.delete(id);
      } else {
        drop(row.partition_id);
      }
      remembered.set(row.partition_id, { epoch: row.epoch, changeNo: row.change_no });
    },
    get: (conversationId) => states.get(conversationId),
    adopt(row, changed) {
      remembered.set(row.partition_id, { epoch: row.epoch, changeNo: row.change_no });
      // Another object each time: of the same one the cache would not ask how large it has become.
      for (const state of changed) states.set(state.row.conversation_id, { ...state });
    },
    drop(partitionIds) {
      for (const partitionId of partitionIds) drop(partitionId);
    },
  };
}
