import type { Migration } from '@im/common/database/database.ts';

export const largeGroups: Migration = {
  async up(trx) {
    await trx.schema
      .alterTable('conversation')
      .addColumn('audience_no', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
