import type { Migration } from '@im/common/database/database.ts';

export const editCount: Migration = {
  async up(trx) {
    await trx.schema
      .alterTable('event')
      .addColumn('edit_count', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
