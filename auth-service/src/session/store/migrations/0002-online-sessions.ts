import type { Migration } from '@im/common/database/database.ts';

export const onlineSessionsMigration: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('online_session')
      .addColumn('session_id', 'varchar(64)', (column) => column.notNull())
      .addColumn('gateway_boot_id', 'varchar(64)', (column) => column.notNull())
      .addColumn('reported_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('online_session_pk', ['session_id', 'gateway_boot_id'])
      .execute();
    await trx.schema.createIndex('online_session_age').on('online_session').column('reported_at').execute();
  },
};
