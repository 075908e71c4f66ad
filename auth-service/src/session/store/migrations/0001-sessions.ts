import type { Migration } from '@im/common/database/database.ts';

export const sessionsMigration: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('session')
      .addColumn('session_id', 'varchar(64)', (column) => column.primaryKey())
      .addColumn('uid', 'varchar(20)', (column) => column.notNull())
      .addColumn('device_id', 'varchar(128)', (column) => column.notNull())
      .addColumn('platform', 'integer', (column) => column.notNull())
      .addColumn('name', 'varchar(64)', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
      .addColumn('address', 'varchar(64)', (column) => column.notNull())
      .addColumn('generation', 'integer', (column) => column.notNull())
      .addColumn('newest_hash', 'varchar(64)', (column) => column.notNull())
      .addColumn('previous_hash', 'varchar(64)', (column) => column.notNull())
      .addColumn('rotated_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addColumn('ended_at', 'bigint', (column) => column.notNull())
      .execute();
    await trx.schema.createIndex('session_of_user').on('session').columns(['uid', 'ended_at']).execute();
    await trx.schema.createIndex('session_expiry').on('session').column('expires_at').execute();

    await trx.schema
      .createTable('revocation')
      .addColumn('revocation_no', 'bigint', (column) => column.primaryKey())
      .addColumn('session_id', 'varchar(64)', (column) => column.notNull())
      .addColumn('uid', 'varchar(20)', (column) => column.notNull())
      .addColumn('reason', 'integer', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
    await trx.schema.createIndex('revocation_age').on('revocation').column('at').execute();

    await trx.schema
      .createTable('session_store')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('born_at', 'bigint', (column) => column.notNull())
      .addColumn('last_revocation_no', 'bigint', (column) => column.notNull())
      .execute();
  },
};
