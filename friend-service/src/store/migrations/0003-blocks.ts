import type { Migration } from '@im/common/database/database.ts';

/**
 * A block is its owner's row. A request made while its addressee blocked the
 * sender is `withheld`: kept for the sender, not there for the addressee.
 */
export const blocks: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('block')
      .addColumn('owner_uid', 'varchar(16)', (column) => column.notNull())
      .addColumn('blocked_uid', 'varchar(16)', (column) => column.notNull())
      .addColumn('since', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('block_pk', ['owner_uid', 'blocked_uid'])
      .execute();
    await trx.schema
      .createIndex('block_since')
      .on('block')
      .columns(['owner_uid', 'since', 'blocked_uid'])
      .execute();

    await trx.schema
      .alterTable('friend_request')
      .addColumn('withheld', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  },
};
