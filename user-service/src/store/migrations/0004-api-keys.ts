import type { Migration } from '@im/common/database/database.ts';

export const apiKeys: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('api_key')
      .addColumn('key_id', 'varchar(32)', (column) => column.primaryKey())
      .addColumn('name', 'varchar(64)', (column) => column.notNull())
      .addColumn('key_hash', 'varchar(64)', (column) => column.notNull())
      .addColumn('scopes', 'varchar(255)', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await trx.schema.createIndex('api_key_hash').on('api_key').column('key_hash').unique().execute();
    await trx.schema.createIndex('api_key_created').on('api_key').columns(['created_at', 'key_id']).execute();
  },
};
