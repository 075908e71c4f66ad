import type { MessageKey } from '../store/message-key.ts';
import type { Batch } from './batch.ts';

/** What of the store a record must find loaded before it is applied, beside its conversation. */
export interface RecordNeeds {
  /** The clientMsgId that it carries. */
  readonly key?: MessageKey;
  /** Events of its conversation, by seq. */
  readonly seqs?: readonly number[];
  /** Messages of its conversation, by seq, all of whose edits it needs too. */
  readonly editsOf?: readonly number[];
  /** Accounts of people. */
  readonly accounts?: readonly string[];
  /** Whether its conversation's message was hidden by a user. */
  readonly hidden?: { readonly uid: string; readonly seq: number };
  /** The last version a service appended to its conversation. */
  readonly appendedBy?: string;
}

/**
 * One thing that someone wants written to a conversation's log.
 *
 * `apply` runs inside the lane's transaction on the batch's own picture, in
 * order, and is free of I/O. It either refuses with an ImError before changing
 * anything, or changes the batch and returns its answer.
 */
export interface LogRecord<Answer> {
  readonly conversationId: string;
  /** Bytes, about; a batch holds a bounded amount. */
  readonly size: number;
  readonly needs: RecordNeeds;
  apply(batch: Batch): Answer;
}
