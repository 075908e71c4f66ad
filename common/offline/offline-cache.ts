import type { CommittedRecord } from '../gen/im/bus/v1/record_pb.ts';
import type { Event } from '../gen/im/chat/v1/event_pb.ts';

/** What of a conversation is asked for. */
export interface OfflineRange {
  /** Of the store; a list of another epoch is not this conversation's. */
  readonly epoch: string;
  /** Events with a greater change number. */
  readonly sinceChangeNo: number;
  /** The head that the store gave. */
  readonly headSeq: number;
}

/**
 * The last events of conversations, for devices that come back after a while.
 *
 * May be emptied or lose any conversation at any time. A seq at or below a
 * conversation's last is ignored; a jump starts its list anew, and so does
 * another epoch; a recall blanks its target and that target's edits and leaves
 * tombstones (no content).
 */
export interface OfflineCache {
  /** Takes the events among these records, in their order. They are the cache's from then on. */
  append(records: readonly CommittedRecord[]): Promise<void>;
  /**
   * The events of the range in seq order, or undefined unless the list holds
   * all of them and ends exactly at the head. Unfolded: messages as they were
   * sent. The cache may go on holding them: do not change them.
   */
  read(conversationId: string, range: OfflineRange): Promise<readonly Event[] | undefined>;
}
