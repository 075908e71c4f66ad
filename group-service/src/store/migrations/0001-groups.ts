import type { Migration } from '@im/common/database/database.ts';
import { sql } from 'kysely';

/** A uid or group id: 53 bits in decimal. */
const ID = sql`varchar(16)`;

/**
 * `open_key` names the group and the one who asks while a request waits for its
 * answer and is null afterwards, so its unique key lets each have one open
 * request. A mute that still ran when its member went is kept in `left_mute`.
 */
export const groups: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('grp')
      .addColumn('group_id', ID, (column) => column.primaryKey())
      .addColumn('name', 'varchar(64)', (column) => column.notNull())
      .addColumn('avatar_url', 'text', (column) => column.notNull())
      .addColumn('announcement', 'text', (column) => column.notNull())
      .addColumn('owner_uid', ID, (column) => column.notNull())
      .addColumn('member_count', 'integer', (column) => column.notNull())
      .addColumn('join_policy', 'integer', (column) => column.notNull())
      .addColumn('history_policy', 'integer', (column) => column.notNull())
      .addColumn('mute_all', 'integer', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('dismissed_at', 'bigint')
      .execute();

    await trx.schema
      .createTable('member')
      .addColumn('group_id', ID, (column) => column.notNull())
      .addColumn('uid', ID, (column) => column.notNull())
      .addColumn('role', 'integer', (column) => column.notNull())
      .addColumn('nickname', 'varchar(64)', (column) => column.notNull())
      .addColumn('muted_until', 'bigint', (column) => column.notNull())
      .addColumn('joined_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('member_pk', ['group_id', 'uid'])
      .execute();
    await trx.schema
      .createIndex('member_joined')
      .on('member')
      .columns(['group_id', 'joined_at', 'uid'])
      .execute();
    await trx.schema
      .createIndex('member_of')
      .on('member')
      .columns(['uid', 'joined_at', 'group_id'])
      .execute();

    await trx.schema
      .createTable('left_mute')
      .addColumn('group_id', ID, (column) => column.notNull())
      .addColumn('uid', ID, (column) => column.notNull())
      .addColumn('muted_until', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('left_mute_pk', ['group_id', 'uid'])
      .execute();

    await trx.schema
      .createTable('join_request')
      .addColumn('request_id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('group_id', ID, (column) => column.notNull())
      .addColumn('uid', ID, (column) => column.notNull())
      .addColumn('message', 'varchar(200)', (column) => column.notNull())
      .addColumn('state', 'integer', (column) => column.notNull())
      .addColumn('open_key', 'varchar(33)')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('decided_at', 'bigint')
      .addColumn('decided_by', ID)
      .execute();
    await trx.schema
      .createIndex('join_request_open')
      .on('join_request')
      .column('open_key')
      .unique()
      .execute();
    await trx.schema
      .createIndex('join_request_of_group')
      .on('join_request')
      .columns(['group_id', 'created_at', 'request_id'])
      .execute();
  },
};
