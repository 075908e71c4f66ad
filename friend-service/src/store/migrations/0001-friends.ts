import type { Migration } from '@im/common/database/database.ts';

/**
 * `open_pair` holds the pair of a request that waits for its answer and is
 * null afterwards, so its unique key lets a pair have one open request, in
 * whichever direction. A friendship is two rows, one for each owner, so that a
 * list of friends is one stretch of an index.
 */
export const friends: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('friend_request')
      .addColumn('request_id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('from_uid', 'varchar(16)', (column) => column.notNull())
      .addColumn('to_uid', 'varchar(16)', (column) => column.notNull())
      .addColumn('message', 'varchar(200)', (column) => column.notNull())
      .addColumn('state', 'integer', (column) => column.notNull())
      .addColumn('open_pair', 'varchar(64)')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('decided_at', 'bigint')
      .execute();
    await trx.schema
      .createIndex('friend_request_open_pair')
      .on('friend_request')
      .column('open_pair')
      .unique()
      .execute();
    await trx.schema
      .createIndex('friend_request_incoming')
      .on('friend_request')
      .columns(['to_uid', 'created_at', 'request_id'])
      .execute();
    await trx.schema
      .createIndex('friend_request_outgoing')
      .on('friend_request')
      .columns(['from_uid', 'created_at', 'request_id'])
      .execute();

    await trx.schema
      .createTable('friendship')
      .addColumn('owner_uid', 'varchar(16)', (column) => column.notNull())
      .addColumn('friend_uid', 'varchar(16)', (column) => column.notNull())
      .addColumn('remark', 'varchar(64)', (column) => column.notNull())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('friendship_pk', ['owner_uid', 'friend_uid'])
      .execute();
    await trx.schema
      .createIndex('friendship_since')
      .on('friendship')
      .columns(['owner_uid', 'since', 'friend_uid'])
      .execute();
  },
};
