import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import type { Event } from '../gen/im/chat/v1/event_pb.ts';

/**
 * The last events of conversations, for devices that come back after a while.
 *
 * May be emptied or lose any conversation at any time. A seq at or below a
 * conversation's last is ignored; a jump starts its list anew; a recall blanks
 * its target and that target's edits and leaves tombstones (no content).
 */
export interface OfflineCache {
  /** Takes the events among these records, in their order. */
  append(records: readonly CommittedRecord[]): Promise<void>;
  /**
   * The events with a change number above `sinceChangeNo`, or undefined unless
   * the list holds all of them and ends exactly at `headSeq` (the head that the
   * store gave). Unfolded: messages as they were sent.
   */
  read(conversationId: string, sinceChangeNo: number, headSeq: number): Promise<readonly Event[] | undefined>;
}
