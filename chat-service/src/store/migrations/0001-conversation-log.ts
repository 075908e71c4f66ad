import { clustered } from '@im/common/database/clustered.ts';
import type { Migration } from '@im/common/database/database.ts';
import { sql } from 'kysely';

/** Longest conversation id: s:<16 digits>:<16 digits>. */
const CONVERSATION_ID = sql`varchar(64)`;
const UID = sql`varchar(16)`;
/** MySQL's plain blob ends at 64 KiB; to SQLite any name with BLOB is a blob. */
const BYTES = sql`mediumblob`;

export const conversationLog: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('log_partition')
      .addColumn('partition_id', 'integer', (c) => c.primaryKey())
      .addColumn('epoch', 'varchar(32)', (c) => c.notNull())
      .addColumn('change_no', 'bigint', (c) => c.notNull())
      .addColumn('published_no', 'bigint', (c) => c.notNull())
      .execute();

    await clustered(
      trx,
      trx.schema
        .createTable('conversation')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('head_seq', 'bigint', (c) => c.notNull())
        .addColumn('head_count', 'bigint', (c) => c.notNull())
        .addColumn('head_change_no', 'bigint', (c) => c.notNull())
        .addColumn('head_at', 'bigint', (c) => c.notNull())
        .addColumn('last_message_seq', 'bigint', (c) => c.notNull())
        .addColumn('members_seq', 'bigint', (c) => c.notNull())
        .addColumn('cache_no', 'bigint', (c) => c.notNull())
        .addColumn('friends', 'integer', (c) => c.notNull())
        .addColumn('blocked_by_lower', 'integer', (c) => c.notNull())
        .addColumn('blocked_by_higher', 'integer', (c) => c.notNull())
        .addColumn('mute_all', 'integer', (c) => c.notNull())
        .addColumn('closed', 'integer', (c) => c.notNull())
        .addColumn('disabled', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('conversation_pk', ['partition_id', 'conversation_id']),
    ).execute();

    await clustered(
      trx,
      trx.schema
        .createTable('member')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('uid', UID, (c) => c.notNull())
        .addColumn('role', 'integer', (c) => c.notNull())
        .addColumn('muted_until', 'bigint', (c) => c.notNull())
        .addColumn('nickname', 'varchar(256)', (c) => c.notNull())
        .addColumn('read_seq', 'bigint', (c) => c.notNull())
        .addColumn('read_count', 'bigint', (c) => c.notNull())
        .addColumn('cleared_seq', 'bigint', (c) => c.notNull())
        .addColumn('cleared_count', 'bigint', (c) => c.notNull())
        .addColumn('muted', 'integer', (c) => c.notNull())
        .addColumn('pinned', 'integer', (c) => c.notNull())
        .addColumn('hidden', 'integer', (c) => c.notNull())
        .addColumn('draft', 'text', (c) => c.notNull())
        .addColumn('change_no', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('member_pk', ['partition_id', 'conversation_id', 'uid']),
    ).execute();
    // A user's conversations: one probe a partition.
    await trx.schema
      .createIndex('member_by_uid')
      .on('member')
      .columns(['partition_id', 'uid', 'conversation_id'])
      .execute();

    await clustered(
      trx,
      trx.schema
        .createTable('span')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('uid', UID, (c) => c.notNull())
        .addColumn('opened_at', 'bigint', (c) => c.notNull())
        .addColumn('from_seq', 'bigint', (c) => c.notNull())
        .addColumn('from_count', 'bigint', (c) => c.notNull())
        .addColumn('to_seq', 'bigint')
        .addColumn('to_count', 'bigint')
        .addColumn('to_at', 'bigint')
        .addColumn('closed_at', 'bigint')
        .addPrimaryKeyConstraint('span_pk', ['partition_id', 'conversation_id', 'uid', 'opened_at']),
    ).execute();

    await clustered(
      trx,
      trx.schema
        .createTable('event')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('change_no', 'bigint', (c) => c.notNull())
        .addColumn('actor_uid', UID, (c) => c.notNull())
        .addColumn('at', 'bigint', (c) => c.notNull())
        .addColumn('count', 'bigint', (c) => c.notNull())
        .addColumn('is_message', 'integer', (c) => c.notNull())
        .addColumn('target_seq', 'bigint', (c) => c.notNull())
        .addColumn('last_edit_seq', 'bigint', (c) => c.notNull())
        .addColumn('body', BYTES, (c) => c.notNull())
        .addColumn('state', BYTES)
        .addPrimaryKeyConstraint('event_pk', ['partition_id', 'conversation_id', 'seq']),
    ).execute();
    await trx.schema
      .createIndex('event_by_change')
      .on('event')
      .columns(['partition_id', 'change_no'])
      .execute();

    await clustered(
      trx,
      trx.schema
        .createTable('message_key')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('sender_uid', UID, (c) => c.notNull())
        .addColumn('client_msg_id', 'varchar(128)', (c) => c.notNull())
        .addColumn('request_hash', 'blob', (c) => c.notNull())
        .addColumn('message_seq', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('message_key_pk', [
          'partition_id',
          'conversation_id',
          'sender_uid',
          'client_msg_id',
        ]),
    ).execute();

    await clustered(
      trx,
      trx.schema
        .createTable('mention')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('uid', UID, (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('mention_pk', ['partition_id', 'conversation_id', 'uid', 'seq']),
    ).execute();

    await clustered(
      trx,
      trx.schema
        .createTable('hidden_message')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('uid', UID, (c) => c.notNull())
        .addColumn('seq', 'bigint', (c) => c.notNull())
        .addColumn('change_no', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('hidden_message_pk', ['partition_id', 'conversation_id', 'uid', 'seq']),
    ).execute();
    await trx.schema
      .createIndex('hidden_message_by_uid')
      .on('hidden_message')
      .columns(['partition_id', 'uid', 'change_no'])
      .execute();

    await clustered(
      trx,
      trx.schema
        .createTable('append_position')
        .addColumn('partition_id', 'integer', (c) => c.notNull())
        .addColumn('conversation_id', CONVERSATION_ID, (c) => c.notNull())
        .addColumn('source', 'varchar(32)', (c) => c.notNull())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .addPrimaryKeyConstraint('append_position_pk', ['partition_id', 'conversation_id', 'source']),
    ).execute();
  },
};
