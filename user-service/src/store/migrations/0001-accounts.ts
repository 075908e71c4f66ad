import type { Migration } from '@im/common/database/database.ts';

/**
 * `username` and `external_id` are null, not '', where there is none, so that
 * their unique keys let many accounts have none.
 */
export const accounts: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('account')
      .addColumn('uid', 'varchar(16)', (column) => column.primaryKey())
      .addColumn('username', 'varchar(64)')
      .addColumn('external_id', 'varchar(128)')
      .addColumn('nickname', 'varchar(64)', (column) => column.notNull())
      .addColumn('avatar_url', 'varchar(2048)', (column) => column.notNull())
      .addColumn('bio', 'varchar(500)', (column) => column.notNull())
      .addColumn('settings', 'text', (column) => column.notNull())
      .addColumn('password_hash', 'varchar(255)')
      .addColumn('credential_no', 'bigint', (column) => column.notNull())
      .addColumn('disabled', 'integer', (column) => column.notNull())
      .addColumn('revision', 'bigint', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await trx.schema.createIndex('account_username').on('account').column('username').unique().execute();
    await trx.schema
      .createIndex('account_external_id')
      .on('account')
      .column('external_id')
      .unique()
      .execute();
  },
};
