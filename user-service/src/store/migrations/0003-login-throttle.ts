import type { Migration } from '@im/common/database/database.ts';

/** Kept in the database, so that a restart gives nobody new tries. */
export const loginThrottle: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('login_throttle')
      .addColumn('throttle_key', 'varchar(100)', (column) => column.primaryKey())
      .addColumn('failures', 'integer', (column) => column.notNull())
      .addColumn('blocked_until', 'bigint', (column) => column.notNull())
      .addColumn('updated_at', 'bigint', (column) => column.notNull())
      .execute();
    await trx.schema
      .createIndex('login_throttle_updated')
      .on('login_throttle')
      .column('updated_at')
      .execute();
  },
};
