import { type RowExecutor, rowInserter, rowReader, rowUpdater } from '@im/common/database/rows.ts';
import type { Kysely } from 'kysely';
import type { ChatSchema } from './schema.ts';
import { statement } from './statement.ts';

/** One entry of the log. */
export interface EventTable {
  partition_id: number;
  conversation_id: string;
  seq: number;
  change_no: number;
  actor_uid: string;
  /** Milliseconds since 1970. */
  at: number;
  /** The running count of messages that count as unread, this one included. */
  count: number;
  /** 1 for messages, so that the last one is found without decoding. */
  is_message: number;
  /** The message that an edit, recall, reaction or pin is about; 0 for none. */
  target_seq: number;
  /** Of a message its newest edit, of an edit the one before it; 0 for none. */
  last_edit_seq: number;
  /** Of a message: how often it was edited. */
  edit_count: number;
  /**
   * Binary `im.chat.v1.Event` with only its kind set; a message without what
   * the columns say. It stays as it was sent, until a recall erases it.
   */
  body: Uint8Array;
  /** The same for a message's present state, once it was edited or recalled. */
  state: Uint8Array | null;
}

/** By partition, conversation and seq. */
export const readEvents = rowReader<EventTable>('event', ['partition_id', 'conversation_id', 'seq']);

export const insertEvents = rowInserter<EventTable>('event', [
  'partition_id',
  'conversation_id',
  'seq',
  'change_no',
  'actor_uid',
  'at',
  'count',
  'is_message',
  'target_seq',
  'last_edit_seq',
  'edit_count',
  'body',
  'state',
]);

export const updateEventStates = rowUpdater<EventTable>(
  'event',
  ['partition_id', 'conversation_id', 'seq'],
  ['body', 'state', 'last_edit_seq', 'edit_count'],
);

/** Events of a partition by change_no, for publishing what was left behind. */
export function readEventsByChange(
  db: Kysely<ChatSchema>,
  partitionId: number,
  after: number,
  upTo: number,
  limit: number,
): Promise<EventTable[]> {
  return db
    .selectFrom('event')
    .selectAll()
    .where('partition_id', '=', partitionId)
    .where('change_no', '>', after)
    .where('change_no', '<=', upTo)
    .orderBy('change_no')
    .limit(limit)
    .execute();
}

const eventRange = statement<EventTable>(
  `select * from event
    where partition_id = ? and conversation_id = ? and seq >= ? and seq <= ? order by seq`,
);

/** Events of a conversation in a range, both ends included, in seq order. */
export function readEventRange(
  db: RowExecutor,
  partitionId: number,
  conversationId: string,
  fromSeq: number,
  toSeq: number,
): Promise<EventTable[]> {
  return eventRange(db, [partitionId, conversationId, fromSeq, toSeq]);
}

const newestMessage = statement<EventTable>(
  `select * from event
    where partition_id = ? and conversation_id = ? and seq >= ? and seq <= ? and is_message = 1
      and not exists (
        select 1 from hidden_message as hidden
          where hidden.partition_id = event.partition_id
            and hidden.conversation_id = event.conversation_id
            and hidden.uid = ? and hidden.seq = event.seq)
    order by seq desc limit 1`,
);

/** Events of a range that are no messages and about none, newest first. Keep the range short: no index helps. */
export function readNewestChanges(
  db: Kysely<ChatSchema>,
  partitionId: number,
  conversationId: string,
  fromSeq: number,
  toSeq: number,
): Promise<EventTable[]> {
  return db
    .selectFrom('event')
    .selectAll()
    .where('partition_id', '=', partitionId)
    .where('conversation_id', '=', conversationId)
    .where('seq', '>=', fromSeq)
    .where('seq', '<=', toSeq)
    .where('is_message', '=', 0)
    .where('target_seq', '=', 0)
    .orderBy('seq', 'desc')
    .execute();
}

/** The newest message in a range, both ends included, that a user has not hidden. */
export async function readNewestMessage(
  db: RowExecutor,
  partitionId: number,
  conversationId: string,
  uid: string,
  fromSeq: number,
  toSeq: number,
): Promise<EventTable | undefined> {
  return (await newestMessage(db, [partitionId, conversationId, fromSeq, toSeq, uid]))[0];
}
