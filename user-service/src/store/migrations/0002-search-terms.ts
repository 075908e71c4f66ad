import type { Migration } from '@im/common/database/database.ts';

/** Rows of enabled accounts only. The second index finds a person's terms in their order. */
export const searchTerms: Migration = {
  async up(trx) {
    await trx.schema
      .createTable('search_term')
      .addColumn('term', 'varchar(64)', (column) => column.notNull())
      .addColumn('uid', 'varchar(16)', (column) => column.notNull())
      .addPrimaryKeyConstraint('search_term_pk', ['term', 'uid'])
      .execute();
    await trx.schema.createIndex('search_term_uid').on('search_term').columns(['uid', 'term']).execute();
  },
};
